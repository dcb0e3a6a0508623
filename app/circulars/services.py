"""What can be done with circulars: prepared, given readers, published once and for all."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.circulars import content, paper, policy, queries
from app.circulars.errors import NobodyToRead, PeriodUnclear, PublishedAlready, Stranded
from app.circulars.models import Circular, CircularReader, CircularState
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _, listed, ngettext
from app.core.jobs import later
from app.core.roles import Actor
from app.documents.errors import GlyphsMissing
from app.events.models import Event
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.people.queries import account_of
from app.requirements.models import Assignment
from app.signing import services as signing
from app.speeches.holding import hold

LOCK = 7_302  # any number that nobody else takes


def prepare_circular(
    *,
    actor: Actor,
    title: str,
    from_on: date,
    to_on: date,
    event: Event | None = None,
    title_local: str | None = None,
    remarks: str | None = None,
    remarks_local: str | None = None,
) -> Circular:
    """Begin a draft, of one gathering or of all. Its numbers are computed anew until it is published."""
    require(policy.may_prepare(actor, event))
    _check_period(event, from_on, to_on)
    circular = Circular(
        event=event, title=title, title_local=title_local, from_on=from_on, to_on=to_on, remarks=remarks,
        remarks_local=remarks_local,
    )  # fmt: skip
    db.session.add(circular)
    db.session.flush()
    audit.record(actor, "circular.prepared", circular, from_on=from_on, to_on=to_on)
    return circular


def change_circular(
    circular: Circular,
    *,
    actor: Actor,
    title: str,
    from_on: date,
    to_on: date,
    title_local: str | None = None,
    remarks: str | None = None,
    remarks_local: str | None = None,
    version: int | None = None,
) -> Circular:
    """Change a draft; a published circular stays as it is (rule 39)."""
    _hold_draft(circular, actor)
    _check_period(circular.event, from_on, to_on)
    changes = edit(
        circular, version=version, title=title, title_local=title_local, from_on=from_on, to_on=to_on, remarks=remarks,
        remarks_local=remarks_local,
    )  # fmt: skip
    if changes:
        audit.record(actor, "circular.changed", circular, fields=sorted(changes))
    return circular


def add_readers(circular: Circular, people: Iterable[Person], *, actor: Actor) -> tuple[list[Person], list[Person]]:
    """Put people on the distribution list. Returns who was added, and who was left out: whoever has left, cannot sign
    in, or may not see the gathering would get a link that opens nothing."""
    _hold_draft(circular, actor)
    there = {each.person_id for each in circular.readers}
    wanted = [each for each in people if each.id not in there]
    could = queries.who_could_read(wanted, circular.event)
    today = clock.today()
    added = [each for each in wanted if each.id in could and (each.left_on is None or each.left_on >= today)]
    for person in added:
        circular.readers.append(CircularReader(person=person))
    db.session.flush()
    if added:
        audit.record(actor, "circular.readers_added", circular, people=[each.ref for each in added])
    return added, [each for each in wanted if each not in added]


def remove_reader(reader: CircularReader, *, actor: Actor) -> None:
    circular = reader.circular
    _hold_draft(circular, actor)
    audit.record(actor, "circular.reader_removed", circular, person=reader.person)
    circular.readers.remove(reader)
    db.session.flush()


def discard_circular(circular: Circular, *, actor: Actor) -> None:
    """Throw a draft away. A published circular cannot be deleted."""
    _hold_draft(circular, actor)
    audit.record(actor, "circular.discarded", circular)
    db.session.delete(circular)
    db.session.flush()


def publish_circular(circular: Circular, *, actor: Actor, language: str = "en", version: int | None = None) -> Circular:
    """Freeze what holds now, give it the next number of the year, issue it as a document, and tell its readers.

    Refused while an assignment belongs to a department that is dissolved (rule 40).
    """
    _hold_draft(circular, actor)
    if not circular.readers:
        raise NobodyToRead(_("Nobody is on the distribution list yet. Add people first."))
    blocking = [each for each in queries.list_stranded(circular.event) if is_dissolved(each)]
    if blocking:
        raise Stranded(
            ngettext(
                "%(num)s assignment belongs to a dissolved department (%(labels)s). Transfer it to somebody first.",
                "%(num)s assignments belong to dissolved departments (%(labels)s). Transfer them to somebody first.",
                len(blocking),
                labels=listed(each.label for each in blocking[:5]),
            )
        )
    now = clock.now()
    zone = circular.event.time_zone if circular.event is not None else "UTC"
    year = clock.today(zone).year
    number = _next_number(year)
    frozen = content.compose(
        circular, number=f"{year}-{number:02}", published_by=actor.name, language=language, published_at=now.isoformat()
    )
    missing = paper.unprintable(frozen)
    if missing:
        raise GlyphsMissing(missing)
    document = signing.issue(
        "circular", title=f"{circular.title} {year}-{number:02}", subject_ref=circular.ref, edition=1, content=frozen
    )
    edit(
        circular, version=version, state=CircularState.PUBLISHED, year=year, number=number, content=frozen,
        published_at=now, published_by_name=actor.name, document=document,
    )  # fmt: skip
    db.session.flush()
    audit.record(
        actor, "circular.published", circular, number=circular.label, hash=document.content_hash,
        readers=len(circular.readers), **{f"on_time_{each}": frozen["figures"][each] for each in ("agreed", "strict")},
    )  # fmt: skip
    for reader in circular.readers:
        _tell(circular, reader.person)
    later("keep_paper", document_ref=document.ref)
    return circular


def _tell(circular: Circular, person: Person) -> None:
    account = account_of(person)
    language = (account.language if account else None) or person.language
    chinese = language.startswith("zh")
    told: dict[str, Any] = circular.content
    queue_mail(
        Recipient((person.name_local if chinese else None) or person.name, account.email if account else person.email, language),
        "circulars/mail/published",
        kind="circular.published",
        scope=circular.event.ref if circular.event else None,
        circular=circular,
        told=told,
        path=f"/circulars/{circular.ref}",
    )  # fmt: skip


def is_dissolved(assignment: Assignment) -> bool:
    """Whether its leading department is: that blocks a circular, a person who left is only pointed out."""
    until = assignment.department.valid_to if assignment.department is not None else None
    return until is not None and until < clock.today(assignment.event.time_zone)


def _hold_draft(circular: Circular, actor: Actor) -> None:
    require(policy.may_prepare(actor, circular.event))
    hold(circular)
    if circular.state != CircularState.DRAFT:
        raise PublishedAlready(_("This circular is published. What it says is frozen and does not change any more."))


def _check_period(event: Event | None, from_on: date, to_on: date) -> None:
    if to_on < from_on:
        raise PeriodUnclear(_("The period ends before it begins."), field="to_on")
    if to_on > clock.today(event.time_zone if event is not None else "UTC"):
        raise PeriodUnclear(
            _("A circular tells what was. Please choose a last day that is not in the future."), field="to_on"
        )


def _next_number(year: int) -> int:
    """The next serial of the year. Two who publish at once wait for each other: no gap and no twin."""
    if db.engine.dialect.name == "postgresql":  # SQLite has one writer anyway
        db.session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    return queries.newest_number(year) + 1
