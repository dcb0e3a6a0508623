"""What every feature needs and what knows no feature."""
