"""Awards and tallies: citations and conferrals."""
