"""Writing minutes, section by section."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm.exc import ObjectDeletedError

from app.core import audit, clock
from app.core.db import db, edit, new_ref
from app.core.errors import Refused, Stale, require
from app.core.i18n import _, _l, format_time
from app.core.roles import Actor
from app.minutes import bound, paragraphs, policy
from app.minutes.errors import SectionGone, SectionTaken
from app.minutes.models import LISTS, EarlierText, Minutes, MinutesVersion, Section, joined
from app.minutes.services.stages import locked, touched, writable

Lists = Mapping[str, Sequence[str]]
MOST_SECTIONS = 200
HEADING = re.compile(r"^##[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)


def sections_of(text: str, clearance: int) -> list[Section]:
    """A whole Markdown text cut into sections at its headings of the second level."""
    ends = [*(each.start() for each in HEADING.finditer(text)), len(text)]
    parts = [("", text[: ends[0]])]
    parts += [
        (each.group(1)[:200], text[each.end() : end])
        for each, end in zip(HEADING.finditer(text), ends[1:], strict=True)
    ]
    kept = [(heading, body.strip("\n")) for heading, body in parts if heading or body.strip()]
    return [
        Section(origin=new_ref(), position=number, heading=heading, source=body, clearance=clearance)
        for number, (heading, body) in enumerate(kept or [("", "")], 1)
    ]


def write(
    minutes: Minutes, *, actor: Actor, text: str, attendance: Lists | None = None, title: str | None = None,
    version: int | None = None,
) -> None:  # fmt: skip
    """Replace the whole text under work. `version` is the counter of the text that the page was opened on: else Stale.

    A section keeps its classification by its heading; one whose heading is new gets the strictest of those that went.
    """
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    if version is not None and version != newest.version:
        raise Stale(_("Somebody else changed this text while you were writing."), theirs=newest)
    free_of(newest.sections, actor)
    changed = describe_changes(minutes, newest, title=title, attendance=attendance)
    fresh = sections_of(text, policy.usual_clearance(minutes.event))
    if joined((each.heading, each.source) for each in fresh) != newest.whole:
        _replace(newest, fresh)
        changed.add("text")
    if not changed:
        return
    touched(newest, actor)
    audit.record(actor, "minutes.written", minutes, version=newest.number, fields=sorted(changed), length=len(text))


def _replace(newest: MinutesVersion, fresh: list[Section]) -> None:
    before = {each.heading: each for each in newest.sections}
    gone = [each.clearance for heading, each in before.items() if heading not in {one.heading for one in fresh}]
    for each in fresh:
        same = before.get(each.heading)
        each.origin = same.origin if same else each.origin
        each.key = same.key if same else ""
        each.clearance = same.clearance if same else max(gone, default=each.clearance)
    said = {each.origin: each.source for each in fresh}
    for each in newest.sections:
        if said.get(each.origin) != each.source:
            _put_aside(each)
    newest.sections = fresh
    db.session.flush()


def describe_changes(
    minutes: Minutes, newest: MinutesVersion, *, title: str | None, attendance: Lists | None
) -> set[str]:
    """Set the lists of people that are given, and the title as long as it is not settled with the number; gives what
    changed."""
    changed, told = set(), bound.people(newest)
    lists = lists_of({**told, **(attendance or {})})
    if lists != told:
        set_lists(newest, lists)
        changed.add("attendance")
    if title and minutes.number is None and title[:200] != minutes.title:
        minutes.title = title[:200]
        changed.add("title")
    return changed


def write_heads(
    minutes: Minutes, *, actor: Actor, title: str | None = None, attendance: Lists | None = None,
    version: int | None = None,
) -> None:  # fmt: skip
    """Change what stands over the text: the title and the lists of people. `version` is the counter of the minutes'."""
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    if version is not None and version != minutes.version:
        raise Stale(
            _("Somebody else changed this while you were writing. Saving again replaces it."),
            theirs=Heads(minutes, newest),
        )
    changed = describe_changes(minutes, newest, title=title, attendance=attendance)
    if changed:
        minutes.version += 1
        touched(newest, actor)
        audit.record(actor, "minutes.written", minutes, version=newest.number, fields=sorted(changed), length=0)


class Heads:
    """What stands over the text, as the form of the same fields has it."""

    def __init__(self, minutes: Minutes, newest: MinutesVersion) -> None:
        self.minutes, self.people = minutes, bound.people(newest)

    @property
    def version(self) -> int:
        return self.minutes.version

    @property
    def title(self) -> str:
        return self.minutes.title

    @property
    def present(self) -> str | None:
        return self._lines("present")

    @property
    def excused(self) -> str | None:
        return self._lines("excused")

    @property
    def in_attendance(self) -> str | None:
        return self._lines("in_attendance")

    def _lines(self, name: str) -> str | None:
        return "\n".join(self.people[name]) or None


# --- one section --------------------------------------------------------------------------------------------------

GONE = _l("This section was taken away meanwhile, or the text was drafted again.")
LEASE = timedelta(minutes=3)  # how long a section stays with somebody of whom nothing is heard
ASIDE = timedelta(minutes=10)  # of one's own texts, one is put aside as often as this


def take_section(section: Section, *, actor: Actor, over: bool = False) -> None:
    """Have the section for oneself for a while; each save renews it. `over`: also when somebody else has it."""
    minutes = minutes_of(section)
    require(policy.may_record(actor, minutes.event))
    _still_there(section, writable(minutes))
    now = clock.now()
    holder = section.holder_at(now)
    if holder is not None and holder.id != actor.id:
        if not over:
            raise taken(section)
        audit.record(actor, "minutes.section_taken_over", section, before=holder)
    section.locked_by_id, section.locked_until = actor.id, now + LEASE


def leave_section(section: Section, *, actor: Actor) -> None:
    """Give the section free for others. Nothing happens when it is somebody else's by now, or gone."""
    minutes = minutes_of(section)
    require(policy.may_record(actor, minutes.event))
    if section in locked(minutes).sections:
        _leave(section, actor)


def _leave(section: Section, actor: Actor) -> None:
    if section.locked_by_id == actor.id:
        section.locked_by_id = section.locked_until = None


def taken(section: Section) -> SectionTaken:
    assert section.locked_by is not None
    assert section.locked_until is not None
    return SectionTaken(
        _(
            "%(name)s is writing in this section. It comes free at %(time)s at the latest, or when you take it over.",
            name=section.locked_by.name, time=format_time(section.locked_until, section.event.time_zone),
        )
    )  # fmt: skip


def minutes_of(section: Section) -> Minutes:
    """Read again, as somebody may have taken the section away since the page was opened."""
    try:
        version = section.minutes_version
    except ObjectDeletedError:
        version = None
    if version is None:
        raise SectionGone(GONE)
    return version.minutes


def _still_there(section: Section, newest: MinutesVersion) -> None:
    if section not in newest.sections:
        raise SectionGone(GONE)


def free_of(sections: Iterable[Section], actor: Actor) -> None:
    """Refuse while somebody else is writing in one of them."""
    now = clock.now()
    for each in sections:
        holder = each.holder_at(now)
        if holder is not None and holder.id != actor.id:
            raise taken(each)


def write_section(
    section: Section, *, actor: Actor, source: str, heading: str | None = None, clearance: int | None = None,
    version: int | None = None, hold: bool = False,
) -> None:  # fmt: skip
    """Change one section. `version` is its counter on the page: else Stale, with both texts side by side.

    `hold`: the writer goes on writing and keeps the section; else it comes free. What is saved every few seconds stands
    in the log when it begins, not each time; a heading or a classification always does.
    """
    minutes = minutes_of(section)
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    _still_there(section, newest)
    free_of([section], actor)
    now = clock.now()
    values: dict[str, Any] = {"source": source}
    if heading is not None:
        values["heading"] = heading[:200]
    if clearance is not None:
        values["clearance"] = clearance
    before = _as_it_is(section)
    changed = edit(section, version=version, **values)
    if hold:
        section.locked_by_id, section.locked_until = actor.id, now + LEASE
    else:
        _leave(section, actor)
    if not changed:
        return
    if "source" in changed and before.source.strip():
        old_hat = section.kept_at is None or now - section.kept_at > ASIDE
        if section.written_by_id != actor.id or old_hat:
            db.session.add(before)
            section.kept_at = now
    goes_on = (
        hold and section.written_by_id == actor.id and bool(section.written_at and now - section.written_at < LEASE)
    )
    if "source" in changed:
        section.written_by_id, section.written_at = actor.id, now
    touched(newest, actor)
    if goes_on and set(changed) == {"source"}:
        return
    audit.record(
        actor, "minutes.section_written", section, fields=sorted(changed), length=len(source),
        clearance=changed.get("clearance"),
    )  # fmt: skip


def _as_it_is(section: Section) -> EarlierText:
    writer = section.written_by
    return EarlierText(
        version_id=section.version_id, origin=section.origin, position=section.position, key=section.key,
        heading=section.heading, clearance=section.clearance, source=section.source,
        by_name=writer.name if writer else None, written_at=section.written_at,
    )  # fmt: skip


def _put_aside(section: Section) -> None:
    if section.source.strip():
        db.session.add(_as_it_is(section))


def add_section(
    minutes: Minutes, *, actor: Actor, heading: str = "", source: str = "", clearance: int | None = None,
    after: Section | None = None, key: str = "", origin: str | None = None, at: int | None = None,
) -> Section:  # fmt: skip
    """A new section behind `after`, else at the place `at`, else at the end."""
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    if len(newest.sections) >= MOST_SECTIONS:
        raise Refused(_("There are %(max)s sections. Put some of them together first.", max=MOST_SECTIONS))
    level = policy.usual_clearance(minutes.event) if clearance is None else clearance
    section = Section(
        origin=origin or new_ref(), position=0, key=key, heading=heading[:200], source=source, clearance=level,
        written_by_id=actor.id, written_at=clock.now(),
    )  # fmt: skip
    rows = list(newest.sections)
    if after is not None and after in rows:
        rows.insert(rows.index(after) + 1, section)
    elif at is not None:
        rows.insert(max(0, min(at - 1, len(rows))), section)
    else:
        rows.append(section)
    newest.sections.append(section)
    _number(rows)
    db.session.flush()
    touched(newest, actor)
    audit.record(actor, "minutes.section_added", section, clearance=level, length=len(source))
    return section


def _number(rows: Sequence[Section]) -> None:
    for number, each in enumerate(rows, 1):
        each.position = number


def move_section(section: Section, *, actor: Actor, by: int) -> None:
    """Move it up (-1) or down (1) by places; at the end of the text it stays there."""
    minutes = minutes_of(section)
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    _still_there(section, newest)
    rows = sorted(newest.sections, key=lambda each: (each.position, each.id))
    before = rows.index(section)
    rows.insert(max(0, min(before + by, len(rows) - 1)), rows.pop(before))
    if rows.index(section) == before:
        return
    _number(rows)
    touched(newest, actor)
    audit.record(actor, "minutes.section_moved", section, before=before + 1, after=rows.index(section) + 1)


def remove_section(section: Section, *, actor: Actor, version: int | None = None) -> None:
    """Take a section away. What it said is put aside and can be put back until the sign-off."""
    minutes = minutes_of(section)
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    _still_there(section, newest)
    free_of([section], actor)
    edit(section, version=version)
    audit.record(actor, "minutes.section_removed", section, length=len(section.source))
    db.session.add(_as_it_is(section))
    newest.sections.remove(section)
    _number(sorted(newest.sections, key=lambda each: (each.position, each.id)))
    db.session.flush()
    touched(newest, actor)


def split_section(section: Section, *, actor: Actor, at: int, heading: str = "", version: int | None = None) -> Section:
    """Cut a section in two: its paragraph number `at` begins the new one, which has the same classification."""
    minutes = minutes_of(section)
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    _still_there(section, newest)
    free_of([section], actor)
    edit(section, version=version)
    first, second = halves(section.source, at)
    if not first or not second:
        raise Refused(_("Choose a paragraph behind the first one."), field="at")
    _put_aside(section)
    edit(section, version=None, source=first)
    made = add_section(minutes, actor=actor, heading=heading, source=second, clearance=section.clearance, after=section)
    section.written_by_id, section.written_at = actor.id, clock.now()
    return made


def halves(source: str, at: int) -> tuple[str, str]:
    """The text before a paragraph, and from it on."""
    place = 0
    for number, each in enumerate(paragraphs.split(source), 1):
        found = source.find(each.split("\n", 1)[0], place)
        place = place if found < 0 else found
        if number == at:
            begins = source.rfind("\n", 0, place) + 1
            return source[:begins].strip("\n"), source[begins:].strip("\n")
        place += len(each.split("\n", 1)[0])
    return source, ""


def put_back(kept: EarlierText, *, actor: Actor) -> Section:
    """Let an earlier text stand again: in its section, or as the section that it was. It grows no less confidential."""
    minutes = kept.minutes_version.minutes
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    if kept.version_id != newest.id:
        raise SectionGone(_("This is an earlier text of another version."))
    section = next((each for each in newest.sections if each.origin == kept.origin), None)
    if section is None:
        return add_section(
            minutes, actor=actor, heading=kept.heading, source=kept.source, clearance=kept.clearance,
            key=kept.key, origin=kept.origin, at=kept.position,
        )  # fmt: skip
    level = max(section.clearance, kept.clearance)
    write_section(section, actor=actor, source=kept.source, heading=kept.heading, clearance=level)
    return section


def set_lists(newest: MinutesVersion, lists: dict[str, list[str]]) -> None:
    """Have the lists say this. One that says what is recorded goes on following the record."""
    recorded = lists_of(bound.recorded_people(newest.minutes))
    newest.attendance = lists
    newest.lists_by_hand = [name for name in LISTS if lists[name] != recorded[name]]


def lists_of(attendance: Lists) -> dict[str, list[str]]:
    return {name: [each for each in attendance.get(name, []) if each.strip()] for name in LISTS}
