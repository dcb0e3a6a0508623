"""Writing minutes, section by section."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.core import audit
from app.core.db import db, edit, new_ref
from app.core.errors import Stale, require
from app.core.i18n import _
from app.core.roles import Actor
from app.minutes import paper, policy
from app.minutes.models import Minutes, MinutesVersion, Section, joined
from app.minutes.services.stages import touched, writable

Lists = Mapping[str, Sequence[str]]
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
    newest.sections = fresh
    db.session.flush()


def describe_changes(
    minutes: Minutes, newest: MinutesVersion, *, title: str | None, attendance: Lists | None
) -> set[str]:
    """Set the lists of people, and the title as long as it is not settled with the number; gives what changed."""
    changed = set()
    if attendance is not None and lists_of(attendance) != newest.attendance:
        newest.attendance = lists_of(attendance)
        changed.add("attendance")
    if title and minutes.number is None and title[:200] != minutes.title:
        minutes.title = title[:200]
        changed.add("title")
    return changed


def write_section(
    section: Section, *, actor: Actor, source: str, heading: str | None = None, clearance: int | None = None,
    version: int | None = None,
) -> None:  # fmt: skip
    """Change one section. `version` is its counter on the page: else Stale, with both texts side by side."""
    minutes = section.minutes
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    values: dict[str, Any] = {"source": source}
    if heading is not None:
        values["heading"] = heading[:200]
    if clearance is not None:
        values["clearance"] = clearance
    changed = edit(section, version=version, **values)
    if not changed:
        return
    touched(newest, actor)
    audit.record(
        actor, "minutes.section_written", section, fields=sorted(changed), length=len(source),
        clearance=changed.get("clearance"),
    )  # fmt: skip


def lists_of(attendance: Lists) -> dict[str, list[str]]:
    return {name: [each for each in attendance.get(name, []) if each.strip()] for name in paper.LISTS}
