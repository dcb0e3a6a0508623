"""Publishing a text, asking for and giving confirmations of reading, and finding it by its words."""

from collections.abc import Iterable, Sequence

from app.core import audit, clock
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _, listed, ngettext
from app.core.roles import Actor
from app.documents.markdown import plain_text
from app.minutes import extracts, policy, queries
from app.minutes.errors import MayNotSee, NewerVersion, RemindedToday, WrongStage
from app.minutes.models import Acknowledgement, Minutes, MinutesState
from app.minutes.services.stages import expect, locked, mail
from app.people.models import Department, Person
from app.people.queries import person_of
from app.search import services as search


def publish(
    minutes: Minutes, *, actor: Actor, participants: bool = True, departments: Iterable[Department] = (),
    people: Iterable[Person] = (),
) -> Sequence[Person]:  # fmt: skip
    """Let everybody who may see the event read the approved text, and ask the chosen to confirm reading.

    `participants` means everybody with a place or a part. Returns those who were asked. Who confirmed an earlier
    version is asked again, unless the change was editorial.
    """
    require(policy.may_record(actor, minutes.event))
    newest = locked(minutes)
    expect(minutes, newest, MinutesState.APPROVED)
    asked = _chosen(minutes, participants=participants, departments=departments, people=people)
    outside = queries.list_without_access(minutes.event, asked)
    if outside:
        raise MayNotSee(
            ngettext(
                "%(num)s of those chosen may not see this gathering (%(names)s). Invite them, or leave them out.",
                "%(num)s of those chosen may not see this gathering (%(names)s). Invite them, or leave them out.",
                len(outside),
                names=listed(each.display_name for each in outside[:5]),
            ),
            field="people",
        )
    now = clock.now()
    newest.published_at, minutes.current = now, newest
    minutes.published_at, minutes.state = minutes.published_at or now, MinutesState.PUBLISHED
    minutes.least_clearance = extracts.levels(newest)[0]
    db.session.flush()
    _index(minutes)
    told = _ask(minutes, asked)
    audit.record(actor, "minutes.published", minutes, version=newest.number, asked=len(asked))
    for person in told:
        mail(person, "minutes/mail/published", minutes)
    return asked


def _chosen(
    minutes: Minutes, *, participants: bool, departments: Iterable[Department], people: Iterable[Person]
) -> list[Person]:
    """Without doubles, in a stable order; who was asked for an earlier version stays asked."""
    chosen = list(queries.list_participants(minutes.event)) if participants else []
    chosen += [*queries.list_members(departments), *people]
    chosen += [each.person for each in queries.list_readers(minutes)]
    return list({each.id: each for each in chosen}.values())


def _ask(minutes: Minutes, people: Sequence[Person]) -> list[Person]:
    """The rows of those asked; gives those back for whom there is something to read now."""
    now = clock.now()
    before = {each.person_id: each for each in queries.list_readers(minutes)}
    to_tell = []
    for person in people:
        row = before.get(person.id)
        if row is None:
            db.session.add(Acknowledgement(minutes=minutes, person=person, asked_at=now))
        elif queries.counts(row, minutes):
            continue
        else:
            row.asked_at = now
        to_tell.append(person)
    db.session.flush()
    return to_tell


def acknowledge(minutes: Minutes, *, actor: Actor, version_hash: str | None = None) -> Acknowledgement:
    """Confirm for oneself that the text in force was read. `version_hash` is that of the text on the page."""
    asked = queries.find_reader(minutes, person_of(actor))
    require(policy.may_acknowledge(actor, asked))
    assert asked is not None
    locked(minutes)
    current = minutes.current
    if minutes.state != MinutesState.PUBLISHED or current is None:
        raise WrongStage(_("These minutes are not in force, so there is nothing to confirm."))
    clearance = policy.clearance_of(actor, minutes.event)
    extract = extracts.find_extract(current, clearance)
    require(extract is not None)
    assert extract is not None
    read = extract.document.content_hash
    if version_hash is not None and version_hash != read:
        raise NewerVersion(_("A newer version was published meanwhile. Please read that one and confirm it."))
    if asked.version_id != current.id:
        asked.version, asked.version_hash, asked.text_hash = current, read, extract.text_hash
        asked.clearance, asked.read_at = clearance, clock.now()
        audit.record(actor, "minutes.acknowledged", asked, version=current.number, hash=read)
    return asked


def remind(minutes: Minutes, *, actor: Actor) -> int:
    """Write to those who have not confirmed, at most once a day each. Gives how many mails were queued."""
    require(policy.may_record(actor, minutes.event))
    newest = locked(minutes)
    if minutes.state != MinutesState.PUBLISHED:
        expect(minutes, newest, MinutesState.PUBLISHED)
    day = minutes.event.day_at(clock.now())
    silent = [each.person for each in queries.list_readers(minutes) if not queries.counts(each, minutes)]
    queued = [
        mail(each, "minutes/mail/reminder", minutes, dedupe_key=f"minutes-reminder:{minutes.ref}:{each.ref}:{day}")
        for each in silent
    ]
    count = sum(1 for each in queued if each)
    if not count:
        raise RemindedToday(_("Nobody is to be reminded: all have confirmed, or were reminded today already."))
    audit.record(actor, "minutes.readers_reminded", minutes, count=count)
    return count


def _index(minutes: Minutes) -> None:
    """Found by the words of the text, by each reader by those of their own extract alone, and by the session's title."""
    version, session = minutes.current, minutes.session
    assert version is not None
    search.drop("minutes", minutes.ref)
    levels = extracts.levels(version)
    for level, beyond in zip(levels, [*levels[1:], None], strict=True):
        text = plain_text(extracts.read(version, level).markdown)
        words = [text, session.title, session.title_local or "", minutes.label]
        search.put(
            "minutes",
            minutes.ref,
            part=str(level),
            url=f"/events/{minutes.event.ref}/minutes/{minutes.ref}",
            title=minutes.title,
            body="\n".join(word for word in words if word),
            event_id=minutes.event_id,
            on=session.day or minutes.event.starts_on,
            least_clearance=level,
            most_clearance=search.EVERYBODY if beyond is None else beyond - 1,
        )
