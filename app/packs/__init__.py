"""Evidence packs: all that proves one document, checked without us."""
