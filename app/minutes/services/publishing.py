"""Publishing a text, telling those for whom it is, asking for and giving confirmations of reading."""

from collections.abc import Callable, Iterable, Sequence

from app.audiences.models import PersonGroup
from app.core import audit, clock
from app.core.db import db
from app.core.errors import Forbidden, require
from app.core.i18n import _, listed, ngettext
from app.core.roles import Actor
from app.mail.services import Recipient, queue_mail
from app.minutes import extracts, library, policy, queries, readers
from app.minutes.confirmations import Standing, standing
from app.minutes.errors import MayNotSee, NewerVersion, RemindedToday, WrongStage
from app.minutes.models import Acknowledgement, Minutes, MinutesState, MinutesVersion
from app.minutes.readers import Addressees
from app.minutes.services.stages import expect, locked
from app.people.directory import still_here
from app.people.models import Clearance, Department, Person
from app.people.queries import person_of

MAILED = Clearance.RESTRICTED  # what is secret is read on the page and does not travel
LONGEST_MAIL = 20_000  # characters of the text; the rest of a longer one stands on the page


def publish(
    minutes: Minutes, *, actor: Actor, participants: bool = True, departments: Iterable[Department] = (),
    people: Iterable[Person] = (), groups: Iterable[PersonGroup] = (), copies: Addressees | None = None,
) -> Sequence[Person]:  # fmt: skip
    """Let everybody read the approved text as far as it is theirs to read, and ask the chosen to confirm reading.

    `participants` means everybody with a place or a part; `copies` get it for information. Returns those who are asked.
    Who was asked for an earlier version stays asked; who confirmed it is asked again only if the text says something
    else to them now and was not merely put right. Each gets a mail with what is theirs to read.
    """
    require(policy.may_record(actor, minutes.event))
    newest = locked(minutes)
    expect(minutes, newest, MinutesState.APPROVED)
    main, copies = Addressees(participants, [*departments], [*groups], [*people]), copies or Addressees()
    before, now = minutes.current, clock.now()
    newest.published_at, minutes.current = now, newest
    minutes.published_at, minutes.state = minutes.published_at or now, MinutesState.PUBLISHED
    minutes.least_clearance = extracts.levels(newest)[0]
    minutes.distribution = readers.kept(main, copies)
    db.session.flush()
    asked, copied = _chosen(minutes, main, copies)
    library.file_under(minutes)
    told = _ask(minutes, asked, copied, before)
    # Whoever reads only the least of it and finds the same words as before is not told that something happened.
    news = before is None or readers.has_changed_for(minutes, before, minutes.least_clearance)
    deed = "minutes.published" if news else "minutes.published_again"
    audit.record(actor, deed, minutes, version=newest.number, asked=len(asked), copies=len(copied))
    for person, clearance, is_copy, had_it in told:
        _send(person, minutes, clearance, is_copy=is_copy, had_it=had_it)
    return asked


def _chosen(minutes: Minutes, main: Addressees, copies: Addressees) -> tuple[list[Person], list[Person]]:
    """Those who are asked and those who get a copy, each once. Who was told of an earlier version stays told.

    Of departments, groups and the earlier ones who find nothing there that is theirs is left out; who was chosen by
    name is refused, so that nobody waits for an answer that cannot come.
    """
    event = minutes.event
    known = queries.list_readers(minutes)
    chosen, informed = main.found(event), copies.found(event)
    asked = {each.id: each for each in [*chosen, *(row.person for row in known if not row.is_copy)]}
    copied = {each.id: each for each in [*informed, *(row.person for row in known if row.is_copy)]}
    everybody = {**copied, **asked}
    levels = readers.clearances_of(event, everybody.values())
    outside = {each.id for each in queries.list_without_access(event, [*everybody.values()])}
    nothing = {key for key in everybody if levels[key] < minutes.least_clearance}
    new = {each.id for each in (*chosen, *informed)} - {row.person_id for row in known}
    named = {each.id for each in (*main.people, *copies.people)}
    _refuse([everybody[key] for key in everybody if key in outside & new], _may_not_see)
    _refuse([everybody[key] for key in everybody if key in nothing & named], _nothing_to_read)
    here = {each.id for each in still_here([*everybody.values()], clock.today())} - outside - nothing
    return (
        [each for key, each in asked.items() if key in here],
        [each for key, each in copied.items() if key in here and key not in asked],
    )


def _refuse(people: Sequence[Person], sentence: Callable[[int, str], str]) -> None:
    if people:
        names = listed(each.display_name for each in people[:5])
        raise MayNotSee(sentence(len(people), names), field="people")


def _may_not_see(number: int, names: str) -> str:
    return ngettext(
        "%(num)s of those chosen may not see this gathering (%(names)s). Invite them, or leave them out.",
        "%(num)s of those chosen may not see this gathering (%(names)s). Invite them, or leave them out.",
        number,
        names=names,
    )


def _nothing_to_read(number: int, names: str) -> str:
    return ngettext(
        "For %(num)s of those chosen there is nothing to read (%(names)s): all of it is classified higher. Leave them out.",
        "For %(num)s of those chosen there is nothing to read (%(names)s): all of it is classified higher. Leave them out.",
        number,
        names=names,
    )


def _ask(
    minutes: Minutes, asked: Sequence[Person], copied: Sequence[Person], before: MinutesVersion | None
) -> list[tuple[Person, int, bool, bool]]:
    """The rows of those who get it; gives those back for whom there is something to read now: with their clearance,
    whether it is a copy, and whether they had an earlier version."""
    now = clock.now()
    known = {each.person_id: each for each in queries.list_readers(minutes)}
    levels = readers.clearances_of(minutes.event, [*asked, *copied])
    to_tell = []
    for is_copy, people in ((False, asked), (True, copied)):
        for person in people:
            row, clearance = known.get(person.id), levels[person.id]
            if row is None:
                db.session.add(Acknowledgement(minutes=minutes, person=person, asked_at=now, is_copy=is_copy))
                to_tell.append((person, clearance, is_copy, False))
                continue
            became_asked, row.is_copy = row.is_copy and not is_copy, is_copy
            if became_asked or _has_news(row, minutes, before, clearance):
                row.asked_at = now
                to_tell.append((person, clearance, is_copy, True))
    db.session.flush()
    return to_tell


def _has_news(row: Acknowledgement, minutes: Minutes, before: MinutesVersion | None, clearance: int) -> bool:
    """Nobody is written to because of words that are not theirs to read."""
    if not readers.has_changed_for(minutes, before, clearance):
        return False
    stands = standing(row, minutes, clearance)
    return stands in (Standing.OPEN, Standing.EARLIER) or (stands is Standing.COPY and not minutes.newest.is_editorial)


def _send(person: Person, minutes: Minutes, clearance: int, *, is_copy: bool, had_it: bool) -> None:
    """The mail of one reader: their extract as plain text, and never more."""
    assert minutes.current is not None
    text = extracts.read(minutes.current, min(clearance, MAILED))
    whole = extracts.read(minutes.current, clearance)
    said = text.markdown
    queue_mail(
        Recipient(person.name, person.email, person.language),
        "minutes/mail/copy" if is_copy else "minutes/mail/published",
        kind="minutes_copy" if is_copy else "minutes_published",
        scope=minutes.event.ref,
        least_clearance=max([minutes.least_clearance, *(each.section.clearance for each in text.parts)]),
        minutes=minutes,
        event=minutes.event,
        name_of_it=_name_of(minutes),
        text=said[:LONGEST_MAIL],
        goes_on=len(said) > LONGEST_MAIL or len(text.parts) < len(whole.parts),
        files=text.files,
        change_note=whole.change_note if had_it else None,
    )


def _name_of(minutes: Minutes) -> str:
    """The title, where everybody may read it who sees the gathering; else the number. Subjects travel open."""
    return minutes.title if minutes.least_clearance <= Clearance.INTERNAL else minutes.label


def acknowledge(minutes: Minutes, *, actor: Actor, version_hash: str | None = None) -> Acknowledgement:
    """Confirm for oneself that the text in force was read. `version_hash` is that of the extract on the page."""
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
    if asked.version_hash != read:
        asked.version, asked.version_hash, asked.text_hash = current, read, extract.text_hash
        asked.clearance, asked.read_at = clearance, clock.now()
        audit.record(actor, "minutes.acknowledged", asked, version=current.number, hash=read)
    return asked


def remind(minutes: Minutes, *, actor: Actor, person: Person | None = None) -> int:
    """Write to those who have not confirmed, at most once a day each: to all of them, or to one. Who does not record
    reminds those who report to them. Gives how many mails were queued."""
    owner, own = policy.may_record(actor, minutes.event), person_of(actor)
    require(owner or queries.has_reports_among_readers(minutes, own))
    newest = locked(minutes)
    if minutes.state != MinutesState.PUBLISHED:
        expect(minutes, newest, MinutesState.PUBLISHED)
    board = readers.board_of(minutes, of_manager=None if owner else own)
    if person is not None and all(each.row.person_id != person.id for each in board.asked):
        raise Forbidden
    day = minutes.event.day_at(clock.now())
    silent = [each.person for each in board.silent if person is None or each.row.person_id == person.id]
    queued = [
        queue_mail(
            Recipient(each.name, each.email, each.language),
            "minutes/mail/reminder",
            kind="minutes_reminder",
            scope=minutes.event.ref,
            dedupe_key=f"minutes-reminder:{minutes.ref}:{each.ref}:{day}",
            minutes=minutes,
            event=minutes.event,
            name_of_it=_name_of(minutes),
        )
        for each in silent
    ]
    count = sum(1 for each in queued if each)
    if not count:
        raise RemindedToday(_("Nobody is to be reminded: all have confirmed, or were reminded today already."))
    audit.record(actor, "minutes.readers_reminded", minutes, count=count)
    return count
