"""Checkpoints of the log, signed by a key that is not in the database."""
