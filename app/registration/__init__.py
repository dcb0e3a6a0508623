"""Invitations, answers, places, the waiting list."""
