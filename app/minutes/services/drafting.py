"""Beginning minutes from what was recorded, drafting them again, and bringing a text up to its records."""

import re
from collections.abc import Sequence

from app.core import audit
from app.core.db import db, new_ref
from app.core.errors import Refused, Stale, require
from app.core.i18n import _, force_locale
from app.core.roles import Actor
from app.minutes import bound, drafting, policy, queries, templates
from app.minutes.errors import AlreadyThere
from app.minutes.models import Minutes, MinutesTemplate, MinutesVersion, Section, Tradition, joined
from app.minutes.records import Fact, Records
from app.minutes.services.stages import touched, with_writer, writable
from app.minutes.services.writing import Lists, add_section, free_of, lists_of, sections_of, set_lists, write_section
from app.people.models import Person
from app.people.queries import person_of
from app.programme.models import Session

CHINESE = "zh_Hans_CN"


def draft_minutes(
    session: Session, *, actor: Actor, language: str = "en", title: str | None = None, text: str | None = None,
    attendance: Lists | None = None, recorder: Person | None = None, template: MinutesTemplate | None = None,
) -> Minutes:  # fmt: skip
    """Begin the minutes of one session from its records, in English or Chinese.

    Without `template` it is that of the house for this kind of session, if there is one. What is given (`title`,
    Markdown `text`, `attendance` with the lists present, excused and in_attendance of names) stands instead of the draft.
    `recorder` is by default the actor's person.
    """
    event = session.event
    require(policy.may_record(actor, event))
    language = CHINESE if language.startswith("zh") else "en"
    if queries.find_of_session(session, language) is not None:
        raise AlreadyThere(_("This session has minutes in this language already."), field="session_ref")
    template = template or templates.find_usual(session, language)
    if template is not None and template.language != language:
        raise Refused(_("This template is in another language."), field="template_ref")
    tradition = template.tradition if template else Tradition.SUMMARY if language == CHINESE else Tradition.ASSEMBLY
    recorder = recorder or person_of(actor)
    minutes = Minutes(
        event=event, session=session, language=language, title="", recorder=recorder, template=template,
        tradition=tradition, recorder_account_id=actor.id,
    )  # fmt: skip
    sections, lists, named = _drafted(minutes)
    minutes.title = (title or named)[:200]
    version = MinutesVersion(minutes=minutes, number=1, attendance=lists, writers=with_writer([], actor))
    if attendance is not None:
        set_lists(version, lists_of(attendance))
    version.sections = sections_of(text, policy.usual_clearance(event)) if text else sections
    db.session.add_all([minutes, version])
    db.session.flush()
    audit.record(actor, "minutes.drafted", minutes, session=session, language=language)
    return minutes


def _drafted(minutes: Minutes) -> tuple[list[Section], dict[str, list[str]], str]:
    """The sections, the lists and the title that a draft from the present records has."""
    usual = policy.usual_clearance(minutes.event)
    with force_locale(minutes.language):
        records = Records(minutes.session, minutes.recorder)
        outline = minutes.template.outline if minutes.template and minutes.template.outline else None
        drafted = drafting.draft(
            records, outline or drafting.usual_outline(minutes.tradition), minutes.tradition, usual
        )
        named = drafting.title_of(minutes.session.display_title)
        lists = lists_of(records.lists)
    return [_section(number, each) for number, each in enumerate(drafted, 1)], lists, named


def _section(position: int, drafted: drafting.Drafted) -> Section:
    return Section(
        origin=new_ref(), position=position, key=drafted.key, heading=drafted.heading, clearance=drafted.clearance,
        source=drafted.source,
    )  # fmt: skip


def redraft(minutes: Minutes, *, actor: Actor, version: int | None = None) -> None:
    """Throw the text under work away and draft it again from what is recorded now.

    A section that is drafted again stays the same one, so that links and comments find it; where a section was
    classified higher by hand, it stays so.
    """
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    if version is not None and version != newest.version:
        raise Stale(_("Somebody else changed this text while you were writing."), theirs=newest)
    free_of(newest.sections, actor)
    fresh, lists, _named = _drafted(minutes)
    before = list(newest.sections)
    for each in fresh:
        same = next((one for one in before if (one.key, one.heading) == (each.key, each.heading)), None)
        if same is not None:
            before.remove(same)
            each.origin, each.clearance = same.origin, max(each.clearance, same.clearance)
    newest.taken_over = _everything_kept(newest)
    newest.sections, newest.attendance, newest.lists_by_hand = fresh, lists, []
    db.session.flush()
    touched(newest, actor)
    audit.record(actor, "minutes.redrafted", minutes, version=newest.number, sections=len(fresh))


def _everything_kept(version: MinutesVersion) -> list[str]:
    """The marks whose approved sentences stood in this amendment until now."""
    return sorted({*version.taken_over, *(bound.name_of(key) for key in bound.kept_sentences(version))})


def draft_again(minutes: Minutes) -> tuple[str, dict[str, list[str]]]:
    """The text and the lists that a draft from the present records would have, as they would read."""
    sections, lists, _named = _drafted(minutes)
    with force_locale(minutes.language):
        teller = bound.Teller(minutes, None)
        return joined((each.heading, teller.read(each).text) for each in sections), lists


# --- a text that its records have left ----------------------------------------------------------------------------


def take_over(minutes: Minutes, *, actor: Actor, names: Sequence[str] | None = None) -> int:
    """Let sentences of an amendment say again what is recorded now. `names` are marks without braces; None is all.

    Gives how many there were.
    """
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    kept = {bound.name_of(key) for key in bound.kept_sentences(newest)}
    released = kept if names is None else kept & set(names)
    if released:
        newest.taken_over = sorted({*newest.taken_over, *released})
        touched(newest, actor)
        audit.record(actor, "minutes.records_taken_over", minutes, version=newest.number, count=len(released))
    return len(released)


def take_over_lists(minutes: Minutes, *, actor: Actor) -> None:
    """Have the lists follow the record of attendance again."""
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    if newest.lists_by_hand:
        newest.lists_by_hand = []
        touched(newest, actor)
        audit.record(actor, "minutes.written", minutes, version=newest.number, fields=["attendance"], length=0)


def tell(minutes: Minutes, *, actor: Actor, kind: str, ref: str) -> Section:
    """Put a record that is not told yet into the section for its kind, of its classification; one is made if need be."""
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    with force_locale(minutes.language):
        records = Records(minutes.session, minutes.recorder)
        fact = records.find(kind, ref)
        if fact is None or kind not in drafting.KEY_OF:
            raise Refused(_("There is no such record any more."))
        key = _key_of(fact, records)
        level = max(policy.usual_clearance(minutes.event), int(fact.clearance))
        heading = drafting.heading_of(key, minutes.tradition)
        if level == fact.clearance and level > policy.usual_clearance(minutes.event):
            heading = drafting.classified(heading, level)
    if any(fact.key in bound.marks_in(each.source) for each in newest.sections):
        raise Refused(_("This record is told already."))
    section = _place_of(newest, fact, key, level)
    if section is None:
        at = _position_for(newest, key, minutes.tradition)
        source = drafting.line_of(fact, minutes.tradition)
        return add_section(minutes, actor=actor, heading=heading, source=source, clearance=level, key=key, at=at)
    free_of([section], actor)
    write_section(section, actor=actor, source=_with_mark(section.source, fact, minutes.tradition))
    return section


def _key_of(fact: Fact, records: Records) -> str:
    """What is given to somebody because of a decision is told below it."""
    decided = fact.kind == "assignment" and records.find("decision", fact.under) is not None
    return "decisions" if decided else drafting.KEY_OF[fact.kind]


def _place_of(version: MinutesVersion, fact: Fact, key: str, level: int) -> Section | None:
    """Of the sections for its kind that are classified enough: the one that tells what it belongs to, else the lowest."""
    fit = sorted(
        (each for each in version.sections if each.clearance >= level and each.key == key),
        key=lambda each: each.clearance,
    )
    return next((each for each in fit if fact.under and fact.under in each.source), next(iter(fit), None))


ITEM = re.compile(r"(?:-|\d+[.)]) ")


def _with_mark(source: str, fact: Fact, tradition: str) -> str:
    """The text with one more line: below what the record belongs to, where that is told, else at the end."""
    rows = source.strip("\n").split("\n")
    line = drafting.line_of(fact, tradition)
    above = [number for number, row in enumerate(rows) if fact.under and fact.under in row]
    if above and rows[above[-1]][:1].isdigit():  # one numbered matter, with what follows from it
        rows[above[-1]] += f" {fact.mark}"
        return "\n".join(rows)
    at = above[-1] + 1 if above else len(rows)
    while at < len(rows) and (
        rows[at].startswith("- ") or (not rows[at] and "".join(rows[at + 1 : at + 2])[:2] == "- ")
    ):
        at += 1
    goes_on = ITEM.match(line) and ITEM.match(rows[at - 1]) and line[0].isdigit() == rows[at - 1][0].isdigit()
    before = [] if goes_on or not source.strip() else [""]
    after = [""] if at < len(rows) and rows[at] else []
    return "\n".join([*rows[:at], *before, line, *after, *rows[at:]]).strip("\n")


def _position_for(version: MinutesVersion, key: str, tradition: str) -> int | None:
    """After the last section that an outline would put before it; None: at the end."""
    order = drafting.ORDER[Tradition(tradition)]
    before = [
        number
        for number, each in enumerate(version.sections, 1)
        if each.key in order and order.index(each.key) <= order.index(key)
    ]
    return max(before) + 1 if before else None
