"""Ceremonies of the programme."""
