"""From the spoken passage to next year's requirement, as a line and as a graph."""
