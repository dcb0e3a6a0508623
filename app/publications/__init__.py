"""Releases, to the public or the house."""
