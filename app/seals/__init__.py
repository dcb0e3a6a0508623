"""Signatures inside a PDF: put there, and judged."""
