"""Whom a rule means: a person, a department, a position, a team, a group, a list."""
