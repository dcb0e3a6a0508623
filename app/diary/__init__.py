"""All gatherings on one calendar, and everybody's own."""
