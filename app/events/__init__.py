"""The gathering: dates, place, audience, status."""
