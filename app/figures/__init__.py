"""The numbers, each defined once, each the link to its list."""
