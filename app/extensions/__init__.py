"""More time: asked for before the date it moves it, asked for later it moves nothing."""
