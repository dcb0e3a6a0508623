"""Consent to sign electronically: versioned words, given once by each person."""
