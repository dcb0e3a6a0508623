"""Minutes: versions, sign-off, acknowledgement."""
