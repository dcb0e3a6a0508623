"""From one demand to many hands: parts, departments, and a head's own people."""
