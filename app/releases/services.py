"""What can be done with a programme that people know of: tell it anew, tell an old one again."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import update

from app.core import audit
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _, format_moment
from app.core.roles import Actor
from app.core.text import one_line
from app.events.models import Event, Status
from app.programme import queries as programme
from app.programme.clashes import Clash, Level
from app.programme.wording import sentence
from app.registration import queries as registration
from app.releases import policy, queries, restoring
from app.releases.content import Content, digest, for_readers, freeze, moment
from app.releases.diff import counts, is_same
from app.releases.errors import HasClashes, LookAgain, NothingChanged, NotPublished
from app.releases.models import ProgrammeRelease
from app.releases.notices import Plan, Writer, plan
from app.search import services as search
from app.speakers import queries as speakers

MOST_SIGNS = 100


@dataclass(frozen=True)
class Seen:
    """What a preview was made from: the newest release then, and the version that was worked on."""

    number: int
    programme_version: int


@dataclass(frozen=True)
class Draft:
    """A release that is not made yet: what it would tell, and what stands in its way."""

    plan: Plan
    newest: ProgrammeRelease | None
    clashes: list[Clash]
    seen: Seen

    @property
    def number(self) -> int:
        return self.seen.number + 1

    @property
    def errors(self) -> list[Clash]:
        return [each for each in self.clashes if each.level == Level.ERROR]

    @property
    def changes_nothing(self) -> bool:
        return self.plan.before is not None and is_same(self.plan.before, self.plan.after)


def draft(event: Event, *, actor: Actor) -> Draft:
    """Everything that a release would do if it were made now."""
    return _draft(event, actor, queries.newest(event), Seen(event.release_number, event.programme_version))


def release(
    event: Event,
    *,
    actor: Actor,
    name: str,
    message: str | None = None,
    reason: str | None = None,
    seen: Seen | None = None,
) -> ProgrammeRelease:
    """Freeze the working version under a name, let readers see it, and tell everybody whom the difference concerns.

    What cannot take place needs a `reason`, which is kept. With `seen` it is refused when the programme or its releases
    are not what a preview has shown. Drafts are told to nobody, so that they are published first.
    """
    require(policy.may_release(actor, event))
    known = _begin(event)
    if seen is not None and seen != known:
        raise LookAgain(_look_again(event, seen))
    return _tell(event, actor, known, name=name, message=message, reason=reason)


def release_again(
    event: Event,
    old: ProgrammeRelease,
    *,
    actor: Actor,
    name: str | None = None,
    message: str | None = None,
    reason: str | None = None,
) -> ProgrammeRelease:
    """Make the working version what an old release told, and release that under a new number.

    What came later is cancelled; what was cancelled or removed since takes place again.
    """
    require(policy.may_release(actor, event))
    known = _begin(event)
    restoring.restore(event, old.content, actor=actor)
    db.session.flush()
    return _tell(event, actor, known, name=name or name_again(old), message=message, reason=reason, again=old.number)


def name_again(old: ProgrammeRelease) -> str:
    return _("As release %(number)d: %(name)s", number=old.number, name=old.name)[:MOST_SIGNS]


def _begin(event: Event) -> Seen:
    """Take the next number. It locks the event's row, as every act on a programme does first: what is read from here on
    is one picture, and whoever moves an item meanwhile waits."""
    db.session.execute(
        update(Event)
        .where(Event.id == event.id)
        .values(release_number=Event.release_number + 1, changed_at=Event.changed_at)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(event)
    known = Seen(event.release_number - 1, event.programme_version)
    if event.is_draft:
        raise NotPublished(_("Publish the event first: a draft is seen by planners only, so there is nobody to tell."))
    if event.status == Status.CANCELLED:
        raise NotPublished(_("This event was cancelled and stays as it was."))
    return known


def _tell(
    event: Event,
    actor: Actor,
    known: Seen,
    *,
    name: str,
    message: str | None,
    reason: str | None,
    again: int | None = None,
) -> ProgrammeRelease:
    name, reason = one_line(name), one_line(reason or "") or None
    if not name:
        raise Refused(_("Please give the release a name."), field="name")
    if len(name) > MOST_SIGNS:
        raise Refused(_("Please keep this to %(max)d characters.", max=MOST_SIGNS), field="name")
    made = _draft(event, actor, queries.find_release(event, known.number), known)
    if made.changes_nothing:
        raise NothingChanged(_nothing_changed(event, made.newest))
    if made.errors and reason is None:
        words = sentence(made.errors[0], event.time_zone)
        raise HasClashes(_("Something cannot take place so. %(clash)s Mend it, or say why it is released all the same.", clash=words), field="reason")  # fmt: skip
    told = made.plan
    record = ProgrammeRelease(
        event=event,
        number=event.release_number,
        name=name,
        message=message or None,
        content=told.after,
        changes={"counts": told.counts, "told": counts(told.for_readers), "calendar": told.sent},
        digest=digest(told.after),
        reason=reason if made.errors else None,
        told=len(told.notices),
        by_id=actor.id,
    )
    db.session.add(record)
    index(event, told.after)
    db.session.flush()
    writer = Writer(told, number=record.number, name=name, message=record.message)
    for notice in told.notices:
        writer.queue(notice)
    details = {"number": record.number, "changes": told.counts, "told": record.told, "digest": record.digest}
    if again is not None:
        details["again"] = again
    audit.record(actor, "programme.released", record, reason=record.reason, **details)
    db.session.flush()
    return record


def _draft(event: Event, actor: Actor, newest: ProgrammeRelease | None, seen: Seen) -> Draft:
    sessions, items = queries.working(event)
    before = newest.content if newest else None
    after = _without_unknown(before, freeze(event, sessions, items))
    sent = newest.changes["calendar"] if newest else {}
    clashes = programme.clashes_in(
        event, actor, sessions, items, missing=speakers.missing_of(event), crowd=registration.crowd_of(event)
    )
    return Draft(plan(event, before, sent, after), newest, clashes, seen)


def _without_unknown(before: Content | None, after: Content) -> Content:
    """What was cancelled before anybody was told of it is not told at all."""
    if before is None:
        return after
    known = {each["ref"] for each in before["items"]}
    return {**after, "items": [each for each in after["items"] if not each["cancelled_at"] or each["ref"] in known]}


def _nothing_changed(event: Event, newest: ProgrammeRelease | None) -> str:
    assert newest is not None
    return _(
        "Nothing has changed since release %(number)d, “%(name)s”, of %(when)s. There is nothing to tell.",
        number=newest.number,
        name=newest.name,
        when=format_moment(newest.created_at, event.time_zone),
    )


def _look_again(event: Event, seen: Seen) -> str:
    newest = queries.find_release(event, event.release_number - 1)
    if newest is not None and newest.number > seen.number:
        return _(
            "Meanwhile %(who)s made release %(number)d, “%(name)s”. Below stands what has changed since then.",
            who=newest.by.name if newest.by else _("somebody"),
            number=newest.number,
            name=newest.name,
        )
    return _("The programme was changed while you were looking. Below stands what would be told now.")


# --- what the search finds ----------------------------------------------------------------------------------------


def index(event: Event, content: Content) -> None:
    """From the first release on the search finds what was released, and nothing else of a programme."""
    base = f"/events/{event.ref}"
    told = for_readers(content)
    search.replace("session", event.id, (_found_session(each, base) for each in told["sessions"]))
    search.replace(
        "item", event.id, (_found_item(each, base, event) for each in told["items"] if not each["cancelled_at"])
    )


def _found_session(told: Content, base: str) -> search.Findable:
    texts = (told[name] for name in ("title_local", "theme", "theme_local", "purpose", "purpose_local"))
    return search.Findable(
        told["ref"],
        f"{base}/sessions/{told['ref']}",
        told["title"],
        "\n".join(each for each in texts if each),
        date.fromisoformat(told["day"]) if told["day"] else None,
    )


def _found_item(told: Content, base: str, event: Event) -> search.Findable:
    names = [name for each in told["speakers"] for name in (each["name"], each["name_local"])]
    texts = (told["title_local"], told["summary"], told["summary_local"], *names)
    starts_at = moment(told["starts_at"])
    return search.Findable(
        told["ref"],
        f"{base}/programme#item-{told['ref']}",
        told["title"],
        "\n".join(each for each in texts if each),
        event.day_at(starts_at) if starts_at else None,
    )
