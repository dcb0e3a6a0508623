"""What is printed for people: badges, tent cards, table numbers, certificates."""
