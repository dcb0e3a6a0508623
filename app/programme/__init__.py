"""Sessions, agenda items, rooms, clashes."""
