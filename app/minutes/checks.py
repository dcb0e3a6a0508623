"""What is looked at before minutes are signed off: where the text, the lists and the records do not fit together.

Each check is a function of one text that gives what it found. A finding is mended, or let stand with a reason, which
counts as long as the finding is the same: its key names the check and what was found.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import db
from app.core.i18n import _, format_day, listed, ngettext
from app.core.text import one_line
from app.decisions import queries as decisions
from app.decisions.models import Decision, Means
from app.events.models import ParticipantGroup
from app.minutes import bound, extracts, queries, reviews
from app.minutes.models import (
    Adoption,
    CheckOverride,
    CommentState,
    MinutesVersion,
    ReviewComment,
    Section,
)
from app.people.models import Person, Team
from app.requirements.models import (
    Assignment,
    Requirement,
    RequirementKind,
    RequirementState,
)
from app.speeches.models import Speech

LONGEST = 100  # signs of a key
GAP = re.compile(r"\?{3,}|\bt\.?b\.?[dc]\b\.?|\bx{3,}\b|\.{5,}|_{4,}|待补充?|待确认|待填写?|待核实", re.IGNORECASE)
BESIDE = re.compile(r"\s*[（(][^()（）]*[)）]\s*$")  # "(for somebody)"


@dataclass(frozen=True)
class Finding:
    """`key` stays the same as long as the same is found; `overridden` says who let it stand and why."""

    key: str
    sentence: str
    section: Section | None = None
    overridden: CheckOverride | None = None

    @property
    def check(self) -> str:
        return self.key.partition(":")[0]


@dataclass(frozen=True)
class Facts:
    """What the checks look at, read once."""

    version: MinutesVersion
    text: extracts.Text
    speeches: Sequence[Speech]
    requirements: Sequence[Requirement]
    assignments: Sequence[Assignment]
    decisions: Sequence[Decision]
    comments: Sequence[ReviewComment]
    adoptions: Sequence[Adoption]
    known: set[str]
    report: bound.Report

    @property
    def session(self):
        return self.version.minutes.session

    @property
    def everybody(self) -> dict[str, list[str]]:
        """The lists of people, without what stands beside a name."""
        return {name: [BESIDE.sub("", each) for each in names] for name, names in self.text.people.items()}


def findings(version: MinutesVersion) -> list[Finding]:
    """What the checks find in a text that is under work, in the words of the reader's language."""
    facts = gather(version)
    let_stand = {each.key: each for each in overrides(version)}
    found = [each for check in CHECKS for each in check(facts)]
    return [replace(each, overridden=let_stand.get(each.key)) for each in found]


def overrides(version: MinutesVersion) -> Sequence[CheckOverride]:
    """What was let stand in a text, also what is found no more."""
    mine = select(CheckOverride).where(CheckOverride.version_id == version.id)
    return db.session.scalars(mine.order_by(CheckOverride.id)).all()


def gather(version: MinutesVersion) -> Facts:
    minutes, session = version.minutes, version.minutes.session
    top = max(extracts.levels(version), default=0)
    speeches = db.session.scalars(
        select(Speech).where(Speech.session_id == session.id).order_by(Speech.position, Speech.id)
    ).all()
    requirements = db.session.scalars(
        select(Requirement)
        .where(
            Requirement.speech_id.in_([each.id for each in speeches]), Requirement.state != RequirementState.WITHDRAWN
        )
        .options(selectinload(Requirement.addressees))
        .order_by(Requirement.speech_id, Requirement.number, Requirement.sub)
    ).all()
    text = extracts.read(version, top)
    return Facts(
        version,
        text,
        speeches,
        requirements,
        queries.list_assignments(session, requirements),
        decisions.list_standing(session),
        db.session.scalars(
            select(ReviewComment)
            .where(ReviewComment.minutes_id == minutes.id, ReviewComment.state == CommentState.OPEN)
            .order_by(ReviewComment.id)
        ).all(),
        db.session.scalars(
            select(Adoption)
            .where(Adoption.session_id == session.id, Adoption.outcome.is_(None))
            .options(joinedload(Adoption.minutes))
            .order_by(Adoption.id)
        ).all(),
        _known(text),
        bound.report(version),
    )


def _known(text: extracts.Text) -> set[str]:
    """Which of the names in the lists the directory has, or the gathering as a group."""
    names = {BESIDE.sub("", each) for some in text.people.values() for each in some}
    if not names:
        return set()
    people = select(Person.name, Person.name_local).where(or_(Person.name.in_(names), Person.name_local.in_(names)))
    teams = select(Team.name, Team.name_local).where(or_(Team.name.in_(names), Team.name_local.in_(names)))
    groups = select(ParticipantGroup.category, ParticipantGroup.category_local).where(
        ParticipantGroup.event_id == text.version.minutes.event_id
    )
    rows = db.session.execute(people.union_all(teams, groups)).all()
    return {name for row in rows for name in row if name}


def _finding(check: str, what: object, sentence: str, section: Section | None = None) -> Finding:
    key = f"{check}:{what}"
    if len(key) > LONGEST:
        key = f"{check}:{hashlib.sha256(key.encode()).hexdigest()}"
    return Finding(key, sentence, section)


# --- the records of the session -----------------------------------------------------------------------------------


def promised_count(facts: Facts) -> Iterator[Finding]:
    """Another number of requirements was announced than recorded (rule 4)."""
    for speech in facts.speeches:
        recorded = sum(1 for each in facts.requirements if each.speech_id == speech.id and each.parent_id is None)
        promised = speech.announced_count
        if promised is not None and promised != recorded and not speech.count_override:
            yield _finding(
                "promised_count",
                f"{speech.ref}:{promised}:{recorded}",
                _(
                    "Announced in “%(speech)s”: %(promised)s requirements. Recorded: %(recorded)s.",
                    speech=speech.display_title, promised=promised, recorded=recorded,
                ),
            )  # fmt: skip


def wording_open(facts: Facts) -> Iterator[Finding]:
    """Requirements are quoted whose wording nobody has confirmed."""
    for speech in facts.speeches:
        if not speech.is_confirmed and any(each.speech_id == speech.id for each in facts.requirements):
            yield _finding(
                "wording_open",
                speech.ref,
                _("The wording of “%(speech)s” is not confirmed yet.", speech=speech.display_title),
            )


def without_addressee(facts: Facts) -> Iterator[Finding]:
    """A requirement that is aimed at nobody."""
    for each in facts.requirements:
        if not each.addressees and not each.audience:
            yield _finding(
                "without_addressee",
                each.ref,
                _("Requirement %(label)s names nobody at whom it is aimed.", label=each.label),
            )


def without_person(facts: Facts) -> Iterator[Finding]:
    """A directive that nobody carries."""
    carried = {each.requirement_id for each in facts.assignments}
    parts = {each.parent_id for each in facts.requirements}
    for each in facts.requirements:
        is_directive = RequirementKind.DIRECTIVE in (each.kind, each.second_kind)
        open_ = each.state in (RequirementState.STATED, RequirementState.CONFIRMED, RequirementState.ASSIGNED)
        if is_directive and open_ and each.id not in carried and each.id not in parts:
            yield _finding(
                "without_person",
                each.ref,
                _("Requirement %(label)s is given to nobody yet: who does it, and until when?", label=each.label),
            )


def without_criteria(facts: Facts) -> Iterator[Finding]:
    """An assignment of which nobody can say when it is done."""
    for each in facts.assignments:
        if not one_line(each.criteria):
            yield _finding(
                "without_criteria",
                each.ref,
                _("Assignment %(label)s does not say by what one sees that it is done.", label=each.label),
            )


def due_before_session(facts: Facts) -> Iterator[Finding]:
    """A date that had passed when the matter was given out."""
    day = facts.session.day or facts.version.event.starts_on
    for each in facts.assignments:
        if each.original_due_on < day:
            yield _finding(
                "due_before_session",
                f"{each.ref}:{each.original_due_on}",
                _(
                    "Assignment %(label)s was due on %(day)s, before the session was held.",
                    label=each.label, day=format_day(each.original_due_on),
                ),
            )  # fmt: skip


def record_untold(facts: Facts) -> Iterator[Finding]:
    """Something is recorded that no sentence of the text stands for."""
    for each in facts.report.untold:
        words = one_line(each.sentence)
        yield _finding(
            "record_untold",
            " ".join(each.fact.key),
            _("This is recorded, and the text does not tell it: %(words)s", words=words[:200]),
        )


def record_changed(facts: Facts) -> Iterator[Finding]:
    """A sentence that was approved before says something else than what is recorded now."""
    for each in facts.report.mismatches:
        now = one_line(each.now) if each.now else ""
        yield _finding(
            "record_changed",
            f"{each.name}:{hashlib.sha256(now.encode()).hexdigest()[:16]}",
            _("“%(words)s” does not say any more what is recorded.", words=one_line(each.said)[:200]),
            each.section,
        )


def mark_without_record(facts: Facts) -> Iterator[Finding]:
    """A mark stands for a record that is not there."""
    for each in facts.report.strays:
        if not each.is_classified:
            yield _finding(
                "mark_without_record",
                f"{each.section.origin}:{each.name}",
                _("The mark “%(mark)s” stands for a record that is not there any more.", mark=each.name),
                each.section,
            )


def record_too_open(facts: Facts) -> Iterator[Finding]:
    """A record is told in a section that more people read than may know of it, so it says nothing there."""
    for each in facts.report.strays:
        if each.is_classified:
            yield _finding(
                "record_too_open",
                f"{each.section.origin}:{each.name}:{each.section.clearance}",
                _(
                    "The mark “%(mark)s” stands for a record that is classified more strictly than this section.",
                    mark=each.name,
                ),
                each.section,
            )


def vote_without_numbers(facts: Facts) -> Iterator[Finding]:
    """A vote of which nobody knows how it went."""
    for each in facts.decisions:
        if each.means == Means.VOTE and each.votes_for is None:
            yield _finding(
                "vote_without_numbers",
                each.ref,
                _("Decision %(number)s was taken by vote, and the votes are not recorded.", number=each.number),
            )


def nothing_decided(facts: Facts) -> Iterator[Finding]:
    """Minutes that say who spoke, and not what came of it."""
    if not (facts.decisions or facts.assignments or facts.requirements):
        yield _finding(
            "nothing_decided", "", _("No decision, no requirement and no assignment of this session is recorded.")
        )


def adoption_open(facts: Facts) -> Iterator[Finding]:
    """Earlier minutes were on the agenda, and nobody said what the session made of them."""
    for each in facts.adoptions:
        yield _finding(
            "adoption_open",
            each.ref,
            _(
                "Minutes %(number)s were on the agenda. It is not recorded whether they were adopted.",
                number=each.minutes.label,
            ),
        )


# --- the people ---------------------------------------------------------------------------------------------------


def nobody_present(facts: Facts) -> Iterator[Finding]:
    """The list of those present is empty."""
    if not facts.everybody["present"]:
        yield _finding("nobody_present", "", _("Nobody is listed as present."))


def name_unknown(facts: Facts) -> Iterator[Finding]:
    """A name in the lists that the directory does not have."""
    for name in dict.fromkeys(each for names in facts.everybody.values() for each in names):
        if name not in facts.known:
            yield _finding("name_unknown", name, _("“%(name)s” is not in the directory.", name=name))


def named_twice(facts: Facts) -> Iterator[Finding]:
    """Somebody stands in two lists, or twice in one."""
    names = [each for one in facts.everybody.values() for each in one]
    for name in dict.fromkeys(each for each in names if names.count(each) > 1):
        yield _finding("named_twice", name, _("“%(name)s” is listed more than once.", name=name))


def chair_missing(facts: Facts) -> Iterator[Finding]:
    """Nobody was in the chair, or whoever was is not among those present."""
    chair = facts.session.chair
    if chair is None:
        yield _finding("chair_missing", "", _("It is not recorded who was in the chair."))
    elif not {chair.name, chair.name_local} & set(facts.everybody["present"]):
        yield _finding(
            "chair_missing",
            chair.ref,
            _("%(name)s was in the chair, and is not listed as present.", name=chair.display_name),
        )


def recorder_missing(facts: Facts) -> Iterator[Finding]:
    """It is not said who wrote the minutes."""
    if facts.version.minutes.recorder is None:
        yield _finding("recorder_missing", "", _("It is not recorded who wrote these minutes."))


def time_missing(facts: Facts) -> Iterator[Finding]:
    """It is not known when the session was held."""
    if facts.session.day is None and facts.session.starts_at is None:
        yield _finding("time_missing", "", _("It is not recorded on which day the session was held."))


# --- the text -----------------------------------------------------------------------------------------------------


def empty_section(facts: Facts) -> Iterator[Finding]:
    """A heading with nothing below it."""
    for part in facts.text.parts:
        if not part.text.strip():
            sentence = (
                _("Nothing stands below the heading “%(heading)s”.", heading=part.heading)
                if part.heading
                else _("One section is empty.")
            )
            yield _finding("empty_section", part.anchor, sentence, part.section)


def gap_in_text(facts: Facts) -> Iterator[Finding]:
    """A placeholder that somebody meant to fill in."""
    for part in facts.text.parts:
        for gap in dict.fromkeys(each.group() for each in GAP.finditer(part.text)):
            yield _finding(
                "gap_in_text",
                f"{part.anchor}:{gap}",
                _("“%(words)s” looks like something that was still to be filled in.", words=gap),
                part.section,
            )


# --- the review ---------------------------------------------------------------------------------------------------


def comment_open(facts: Facts) -> Iterator[Finding]:
    """Somebody asked for a correction that nobody answered."""
    for each in facts.comments:
        yield _finding(
            "comment_open",
            each.ref,
            _("A comment of %(name)s is still open.", name=each.by_name),
            reviews.section_of(each, facts.version),
        )


def review_open(facts: Facts) -> Iterator[Finding]:
    """Somebody was asked to review and still has time to answer."""
    round_ = reviews.open_round(facts.version)
    if round_ is not None and round_.silent:
        yield _finding(
            "review_open",
            f"{round_.ref}:{len(round_.silent)}",
            ngettext(
                "The review runs until %(day)s, and %(num)s person has not answered: %(names)s.",
                "The review runs until %(day)s, and %(num)s people have not answered: %(names)s.",
                len(round_.silent),
                day=format_day(round_.due_on),
                names=listed(each.person.display_name for each in round_.silent[:5]),
            ),
        )


def silence_is_no_answer(facts: Facts) -> Iterator[Finding]:
    """The review is over, silence was not to count as agreement, and somebody was silent."""
    closed = [each for each in facts.version.rounds if not each.is_open and not each.returned_reason]
    last = closed[-1] if closed else None
    if last is not None and not last.silence_agrees and last.silent and not reviews.open_round(facts.version):
        yield _finding(
            "silence_is_no_answer",
            f"{last.ref}:{len(last.silent)}",
            ngettext(
                "%(num)s person was asked to review and never answered: %(names)s.",
                "%(num)s people were asked to review and never answered: %(names)s.",
                len(last.silent),
                names=listed(each.person.display_name for each in last.silent[:5]),
            ),
        )


CHECKS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    promised_count,
    wording_open,
    without_addressee,
    without_person,
    without_criteria,
    due_before_session,
    record_untold,
    record_changed,
    mark_without_record,
    record_too_open,
    vote_without_numbers,
    nothing_decided,
    adoption_open,
    nobody_present,
    name_unknown,
    named_twice,
    chair_missing,
    recorder_missing,
    time_missing,
    empty_section,
    gap_in_text,
    comment_open,
    review_open,
    silence_is_no_answer,
)
