"""Work that takes longer than an answer may: it is done afterwards, and tells how far it is."""
