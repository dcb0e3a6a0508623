"""Circulars: where things stand, published for a period, numbered, frozen, and sent to a distribution list."""
