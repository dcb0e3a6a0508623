"""The directory: people, positions, departments, teams."""
