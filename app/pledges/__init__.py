"""Pledges: frozen texts and signatures."""
