"""What a storm leaves behind."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Standing:
    """How an event stands after a storm, counted in the database."""

    counted: int  # what the gate's counter says
    held: int  # registrations that hold a place
    waiting: int
