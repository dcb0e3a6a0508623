"""Whoever speaks: asked, answering, prepared. What they bring in, and by when."""
