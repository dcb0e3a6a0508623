"""Who acts for somebody else, and until when."""
