"""Fingerprints, issued documents and their verification."""
