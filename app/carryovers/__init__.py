"""The next session opens with what became of the last one's promises."""
