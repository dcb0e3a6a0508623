"""Speeches, their passages, statements of teams."""
