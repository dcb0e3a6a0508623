"""The day itself: begun, finished, late, and what follows from that."""
