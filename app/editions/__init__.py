"""The next gathering made from an earlier one, from a template, or from a rule."""
