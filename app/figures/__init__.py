"""The numbers of what was promised at gatherings, each defined once (on time, heard of, covered, carried, returned)."""
