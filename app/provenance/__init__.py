"""Where a value comes from: stated, inferred, unknown."""
