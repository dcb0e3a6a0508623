"""Sending somebody else: the place changes hands and is never free."""
