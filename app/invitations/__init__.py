"""Asking people to come, and what they answer."""
