"""The programme as it is told to people: frozen, compared, announced."""
