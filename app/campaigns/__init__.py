"""Campaigns: objective, assessment, review, outcome."""
