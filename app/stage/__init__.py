"""The evening itself: the console that calls the cues, and the screen in the hall."""
