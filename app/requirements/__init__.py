"""Requirements, assignments, reports, evidence, verdicts."""
