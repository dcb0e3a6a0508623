"""Who may be what. The words of access control, without any feature's nouns."""

from enum import StrEnum
from typing import Protocol

from app.core.i18n import _l


class Role(StrEnum):
    """Given everywhere (scope None) or for one event. Everybody with an account is a member."""

    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    ORGANIZER = "organizer"
    SECRETARY = "secretary"
    SUPERVISOR = "supervisor"
    PRESIDING_LEADER = "presiding_leader"
    DOOR = "door"
    MEMBER = "member"


ROLE_LABELS = {
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.AUDITOR: _l("Auditor"),
    Role.ORGANIZER: _l("Organizer"),
    Role.SECRETARY: _l("Secretary"),
    Role.SUPERVISOR: _l("Supervisor"),
    Role.PRESIDING_LEADER: _l("Presiding leader"),
    Role.DOOR: _l("Door staff"),
    Role.MEMBER: _l("Member"),
}

# An organizer also holds the secretary's and the supervisor's powers.
IMPLIED = {Role.ORGANIZER: {Role.SECRETARY, Role.SUPERVISOR, Role.DOOR}}


class Actor(Protocol):
    """Whoever acts: an account, nobody, or the system itself."""

    @property
    def id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def is_authenticated(self) -> bool: ...
    def roles_in(self, scope: int | None) -> frozenset[Role]: ...


class Nobody:
    """A visitor who is not signed in."""

    id = None
    name = ""
    initials = ""
    is_authenticated = False
    is_active = False
    is_anonymous = True

    def get_id(self) -> None:
        return None

    def roles_in(self, scope: int | None) -> frozenset[Role]:
        return frozenset()


class System(Nobody):
    """Commands and background jobs: may do everything, and the audit log says that it was the system."""

    name = "Hufu"
    is_authenticated = True
    is_active = True

    def roles_in(self, scope: int | None) -> frozenset[Role]:
        return frozenset(Role)


NOBODY = Nobody()
SYSTEM = System()


def holds(actor: Actor, *roles: Role, scope: int | None = None) -> bool:
    """Whether the actor holds one of the roles everywhere, or in the scope (an event's id)."""
    held = actor.roles_in(scope)
    return any(role in held for role in roles)


def spread(roles: set[Role]) -> frozenset[Role]:
    """The roles with those that they imply."""
    return frozenset(roles.union(*(IMPLIED.get(role, set()) for role in roles)))
