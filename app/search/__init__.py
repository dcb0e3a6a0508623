"""One table of searchable text."""
