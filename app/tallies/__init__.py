"""The tally: authority lent for a campaign, in two halves."""
