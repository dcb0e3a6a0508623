"""Who may sign in whose place, and why."""
