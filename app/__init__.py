"""Hufu: event management for corporate sessions, from the word given to the word kept."""
