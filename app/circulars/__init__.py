"""Circulars: where everything stands, frozen for a period."""
