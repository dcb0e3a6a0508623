"""What needs you, search, the log."""
