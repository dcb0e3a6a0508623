"""The roles that open an event to those who hold them there."""

from app.core.roles import Role

HERE = (
    Role.ADMINISTRATOR,
    Role.AUDITOR,
    Role.ORGANIZER,
    Role.SECRETARY,
    Role.SUPERVISOR,
    Role.PRESIDING_LEADER,
    Role.DOOR,
)
# What an organizer may give to somebody for one event.
GIVEN_HERE = (Role.ORGANIZER, Role.SECRETARY, Role.SUPERVISOR, Role.PRESIDING_LEADER, Role.DOOR)
