"""Sign-in, sessions of the browser, roles."""
