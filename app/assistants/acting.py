"""An assistant in the name of a principal: what they do is told as "A for B"."""

from app.core.roles import Actor, Role
from app.people.models import Person


class ActingFor:
    """An account that acts for `principal`. It may what an assistant may, and nothing of its own roles helps it.

    Whether the assistantship stands is asked by the policy in the act itself, not here.
    """

    is_active = True
    is_anonymous = False

    def __init__(self, actor: Actor, principal: Person) -> None:
        self.id = actor.id
        self.name = actor.name
        self.is_authenticated = actor.is_authenticated
        self.principal_ref = principal.ref
        self.on_behalf_of = principal.name
        self._reads_only = Role.AUDITOR in actor.roles_in(None)

    def roles_in(self, scope: int | None) -> frozenset[Role]:
        """An auditor stays one, who writes nothing; every other role stays behind."""
        return frozenset({Role.MEMBER, Role.AUDITOR} if self._reads_only else {Role.MEMBER})
