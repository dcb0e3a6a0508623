"""Agreeing to registrations, where an event asks for it."""
