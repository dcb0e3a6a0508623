"""A paired phone as the one who acts: it holds no role at all, so that only what asks for a keeper lets it in."""

from dataclasses import dataclass

from app.core.roles import Actor, Role
from app.door.models import Device


@dataclass(frozen=True)
class Keeper:
    """The device stands in the log by its name; `id` is of accounts, of which it has none."""

    device: Device

    id = None
    is_authenticated = True

    @property
    def name(self) -> str:
        return self.device.name

    def roles_in(self, scope: int | None) -> frozenset[Role]:
        return frozenset()


def device_of(actor: Actor) -> Device | None:
    return actor.device if isinstance(actor, Keeper) else None
