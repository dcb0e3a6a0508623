"""The numbers of a gathering: answers, arrivals, no-shows, and how full each session was."""
