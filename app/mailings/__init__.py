"""Writing to many: the text, whom it is for, who is left out, and when it goes."""
