"""What an event still lacks before people see it: events know no programme, and programmes no registration."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.i18n import _, ngettext
from app.core.roles import Actor
from app.events.models import Event
from app.programme import queries as programme
from app.programme.clashes import Level
from app.programme.models import AgendaItem, Session
from app.programme.wording import sentence
from app.registration.models import RegistrationPlan


@dataclass(frozen=True)
class Finding:
    """`url` leads to where it is mended. An error keeps the event from being published."""

    code: str
    level: Level
    text: str
    url: str

    @property
    def is_error(self) -> bool:
        return self.level == Level.ERROR


def find_findings(
    event: Event,
    actor: Actor,
    sessions: Sequence[Session],
    items: Sequence[AgendaItem],
    plan: RegistrationPlan | None,
) -> list[Finding]:
    """Errors first, then warnings. `sessions` and `items` are all of the event's own."""
    base = f"/events/{event.ref}"
    urls = {each.ref: f"{base}/sessions/{each.ref}/settings" for each in sessions}
    urls |= {each.ref: f"{base}/items/{each.ref}" for each in items}
    found = [
        Finding(clash.code, clash.level, sentence(clash, event.time_zone), urls[clash.first.key])
        for clash in programme.clashes_in(event, actor, sessions, items)
    ]
    found += _lacking(event, base, sessions, items)
    if plan is None:
        text = _("Nobody can register yet: registration has not been opened.")
        found.append(Finding("no_registration", Level.WARNING, text, f"{base}/registrations"))
    return sorted(found, key=lambda each: not each.is_error)


def _lacking(event: Event, base: str, sessions: Sequence[Session], items: Sequence[AgendaItem]) -> list[Finding]:
    found = []
    if not event.city and not event.venue:
        text = _("The place is missing: people will not know where to go.")
        found.append(Finding("no_place", Level.WARNING, text, f"{base}/settings"))
    if not sessions:
        text = _("There is no session yet.")
        found.append(Finding("no_session", Level.WARNING, text, f"{base}/sessions/new"))
    if not items:
        text = _("The programme is empty.")
        found.append(Finding("no_item", Level.WARNING, text, f"{base}/items/new"))
    without = sum(1 for each in items if each.starts_at is None and each.cancelled_at is None)
    if without:
        text = ngettext("One item has no time yet.", "%(num)s items have no time yet.", without)
        found.append(Finding("no_time", Level.WARNING, text, f"{base}/programme"))
    return found
