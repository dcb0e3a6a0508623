"""What the daily mail asks of those who judge pledges."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from app.core.i18n import _, format_day
from app.digests.asking import Asked, asks
from app.pledges import queries
from app.pledges.deed import assessed_from
from app.pledges.models import Pledge, PledgeState


@asks
def verdicts(now: datetime) -> Iterator[Asked]:
    """The day after its deadline, or its anniversary, brings the assessment of a pledge; an appeal waits for a decision."""
    for pledge in (*queries.list_due(now), *queries.list_appealed()):
        appealed = pledge.state == PledgeState.APPEALED
        for person in queries.list_assessing_people(pledge):
            yield Asked(
                person=person,
                label=pledge.label,
                title=pledge.title,
                say=_appeal if appealed else _assessment_of(pledge),
                path=f"/events/{pledge.event.ref}/pledges/{pledge.ref}",
                zone=pledge.event.time_zone,
                asked_at=_since(pledge),
            )


def _since(pledge: Pledge) -> datetime:
    day = assessed_from(pledge)
    if pledge.appealed_at is not None or day is None:
        return pledge.appealed_at or pledge.changed_at
    return datetime.combine(day, time(), ZoneInfo(pledge.event.time_zone)).astimezone(UTC)


def _appeal() -> str:
    return _("Somebody appeals against the verdict. Please decide about it.")


def _assessment_of(pledge: Pledge) -> Callable[[], str]:
    def say() -> str:
        if pledge.deadline is None:
            return _("It has been in force for a year. Please say what became of it.")
        return _("Its deadline was %(day)s. Please say what became of it.", day=format_day(pledge.deadline))

    return say
