"""Who holds a physical thing now: handed over, confirmed by both, lost, given back."""
