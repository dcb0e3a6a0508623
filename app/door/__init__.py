"""Who came: check-in at the door."""
