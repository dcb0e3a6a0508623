"""The numbers, each defined once. Pure: they are told cases and days, and know neither the database nor a page.

The corner cases stand in docs/decisions/0007-requirements.md under *Figures*.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from zoneinfo import ZoneInfo

from app.core.i18n import in_language
from app.requirements.models import DONE, AssignmentState

FEWEST = 5  # fewer cases than these are counts, never a percentage
WEEKS = 8  # of which the reading load is told, the present one with them
TOO_OFTEN = 2  # an item that has crossed so many sessions is highlighted

UNASKED = (AssignmentState.PROPOSED, AssignmentState.DECLINED)
UNANSWERED = (AssignmentState.ASSIGNED, AssignmentState.NEGOTIATING)
PROVEN = (AssignmentState.SUBMITTED, AssignmentState.VERIFIED, AssignmentState.CLOSED)


class Against(StrEnum):
    """The two halves of the pair: the date as agreed, and the one that was first set."""

    AGREED = "agreed"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Gathering:
    ref: str
    title: str
    title_local: str | None
    zone: str
    today: date

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)


@dataclass(frozen=True, slots=True)
class Unit:
    ref: str
    name: str
    name_local: str | None
    is_dissolved: bool = False

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)


@dataclass(frozen=True, slots=True)
class Case:
    """One assignment, as the numbers see it. Days are those at the place of its gathering."""

    id: int
    ref: str
    label: str
    requirement_ref: str
    heading: str
    heading_local: str | None
    event: Gathering
    unit: Unit | None
    responsible: str
    responsible_local: str | None
    state: str
    original_on: date
    due_on: date
    agreed_on: date  # the same, or later while an extension that was asked for in time waits for its decision
    handed_over_at: datetime | None
    accepted_at: datetime | None
    answered_at: datetime | None  # accepted or countered, after it was last handed over
    proven_on: date | None  # when the evidence came that was accepted or is being looked at
    closed_on: date | None
    cancelled_on: date | None
    carried: int
    is_silent: bool

    @property
    def display_heading(self) -> str:
        return in_language(self.heading_local, self.heading)

    @property
    def display_responsible(self) -> str:
        return in_language(self.responsible_local, self.responsible)

    @property
    def is_open(self) -> bool:
        """With somebody, and neither closed nor cancelled."""
        return self.handed_over_at is not None and self.state not in (*DONE, *UNASKED)

    def date_against(self, against: Against) -> date:
        return self.original_on if against == Against.STRICT else self.agreed_on

    def is_due(self, against: Against) -> bool:
        """Somebody took it on, its date has passed, and it was not cancelled before that."""
        day = self.date_against(against)
        ended = self.cancelled_on is not None and self.cancelled_on <= day
        return self.accepted_at is not None and day < self.event.today and not ended

    def is_on_time(self, against: Against) -> bool:
        """Due, and what proves it came on or before the date and still stands."""
        proven = self.proven_on is not None and self.state in PROVEN and self.proven_on <= self.date_against(against)
        return proven and self.is_due(against)

    @property
    def is_late(self) -> bool:
        """What `Assignment.is_late_on` says, of those that are with somebody."""
        waits = self.is_open and self.state != AssignmentState.VERIFIED
        return waits and self.due_on < self.event.today

    @property
    def is_unanswered(self) -> bool:
        """Handed over, and its date has passed without a word: nobody has promised it, so it stands beside the pair."""
        return self.state in UNANSWERED and self.accepted_at is None and self.due_on < self.event.today

    @property
    def hours_to_answer(self) -> float | None:
        if self.handed_over_at is None or self.answered_at is None:
            return None
        return max(0.0, (self.answered_at - self.handed_over_at).total_seconds() / 3600)


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to a day, both with it; an end that is not named is open."""

    first: date | None = None
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    @classmethod
    def of_year(cls, year: int | None) -> "Period":
        return cls() if year is None else cls(date(year, 1, 1), date(year, 12, 31))


ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many. Of fewer than five cases only the counts are told."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        return None if self.whole < FEWEST else _percent(self.part, self.whole)


def _percent(part: int, whole: int) -> int:
    """Rounded, but never 100 while one is missing, nor 0 while there is one."""
    rounded = (200 * part + whole) // (2 * whole)
    if part < whole:
        rounded = min(rounded, 99)
    return max(rounded, 1) if part else 0


def due(cases: Iterable[Case], against: Against, period: Period = ALWAYS) -> list[Case]:
    """Those whose date, as this half of the pair reads it, lies in the period and has passed."""
    return [each for each in cases if each.is_due(against) and each.date_against(against) in period]


def on_time(cases: Iterable[Case], against: Against, period: Period = ALWAYS) -> list[Case]:
    return [each for each in due(cases, against, period) if each.is_on_time(against)]


def missed(cases: Iterable[Case], against: Against, period: Period = ALWAYS) -> list[Case]:
    return [each for each in due(cases, against, period) if not each.is_on_time(against)]


def on_time_closure(cases: Sequence[Case], against: Against, period: Period = ALWAYS) -> Rate:
    """On-time closure. It is always shown as a pair, agreed and strict."""
    return Rate(len(on_time(cases, against, period)), len(due(cases, against, period)))


def late(cases: Iterable[Case]) -> list[Case]:
    return [each for each in cases if each.is_late]


def unanswered(cases: Iterable[Case]) -> list[Case]:
    return [each for each in cases if each.is_unanswered]


def silent(cases: Iterable[Case]) -> list[Case]:
    """Open items without a report within their cadence."""
    return [each for each in cases if each.is_silent]


def carried(cases: Iterable[Case], at_least: int = TOO_OFTEN) -> list[Case]:
    """Open items by the number of sessions that they have crossed."""
    return [each for each in cases if each.is_open and each.carried >= at_least]


def answered(cases: Iterable[Case], period: Period = ALWAYS) -> list[Case]:
    """Handed over in the period, and accepted or countered since."""
    return [
        each
        for each in cases
        if each.handed_over_at is not None
        and each.hours_to_answer is not None
        and _day(each.handed_over_at, each.event) in period
    ]


def response_hours(cases: Iterable[Case], period: Period = ALWAYS) -> float | None:
    """Response time: the median of the hours from handed over to accepted or countered."""
    hours = [each.hours_to_answer for each in answered(cases, period) if each.hours_to_answer is not None]
    return median(hours) if hours else None


def _day(moment: datetime, event: Gathering) -> date:
    return moment.astimezone(ZoneInfo(event.zone)).date()


@dataclass(frozen=True, slots=True)
class Directive:
    """A confirmed directive; a whole that is divided counts through its parts."""

    ref: str
    label: str
    heading: str
    heading_local: str | None
    event: Gathering
    confirmed_on: date | None
    units: frozenset[str]  # the departments it is aimed at
    is_covered: bool

    @property
    def display_heading(self) -> str:
        return in_language(self.heading_local, self.heading)


def coverage(directives: Iterable[Directive]) -> Rate:
    """Coverage: those with an accepted assignment among the confirmed ones."""
    found = list(directives)
    return Rate(sum(each.is_covered for each in found), len(found))


@dataclass(frozen=True, slots=True)
class Judgement:
    """One verification: of which assignment, on which day, and whether it went back."""

    case_id: int
    on: date
    is_returned: bool


def return_rate(judgements: Iterable[Judgement], period: Period = ALWAYS) -> Rate:
    """Return rate: the returned among all verifications of the period."""
    found = [each for each in judgements if each.on in period]
    return Rate(sum(each.is_returned for each in found), len(found))


# --- pledges ------------------------------------------------------------------------------------------------------


class Fate(StrEnum):
    """What became of a pledge that had been in force."""

    KEPT = "kept"
    PARTLY_KEPT = "partly_kept"
    MISSED = "missed"
    RELEASED = "released"
    SUPERSEDED = "superseded"
    VOID = "void"


JUDGED = (Fate.KEPT, Fate.PARTLY_KEPT, Fate.MISSED)


@dataclass(frozen=True, slots=True)
class Promise:
    """One pledge that had been in force: what became of it, and on which day that was said."""

    ref: str
    label: str
    title: str
    event: Gathering
    givers: str
    fate: Fate
    score: int | None  # of what was partly kept, of 100
    on: date

    @property
    def points(self) -> int:
        """Of 100. What was partly kept and has no score, from before there were any, counts nothing."""
        return 100 if self.fate == Fate.KEPT else (self.score or 0) if self.fate == Fate.PARTLY_KEPT else 0


@dataclass(frozen=True, slots=True)
class Score:
    """So many points of a hundred for each of some pledges. Of fewer than five only the counts are told."""

    points: int
    whole: int

    @property
    def percent(self) -> int | None:
        return None if self.whole < FEWEST else _percent(self.points, 100 * self.whole)


def with_fate(promises: Iterable[Promise], *fates: Fate, period: Period = ALWAYS) -> list[Promise]:
    return [each for each in promises if each.fate in fates and each.on in period]


def kept_promise_rate(promises: Iterable[Promise], period: Period = ALWAYS) -> Score:
    """Kept-promise rate: kept among all that were assessed in the period as kept, partly kept or missed; what was partly
    kept counts by its score. Released, superseded and void ones are no part of it and are listed beside it; under appeal the
    verdict counts that stands."""
    judged = with_fate(promises, *JUDGED, period=period)
    return Score(sum(each.points for each in judged), len(judged))


# --- minutes ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Readership:
    """One place on the distribution list of minutes in force, and whether the acknowledgement given there holds for that
    text. No names: who has read is for few to see (rule 29)."""

    ref: str  # of the minutes
    label: str
    title: str
    event: Gathering
    has_read: bool


def acknowledgement_rate(readers: Iterable[Readership]) -> Rate:
    """Acknowledgement rate: the valid acknowledgements of the version in force among those on its distribution list."""
    found = list(readers)
    return Rate(sum(each.has_read for each in found), len(found))


@dataclass(frozen=True, slots=True)
class Document:
    """Minutes in force, and how far they have been read."""

    ref: str
    label: str
    title: str
    event: Gathering
    read: Rate


def by_document(readers: Iterable[Readership]) -> list[Document]:
    """The rate of each minutes, in the order of the list: together they are the rate."""
    found: dict[str, list[Readership]] = {}
    for each in readers:
        found.setdefault(each.ref, []).append(each)
    return [
        Document(own[0].ref, own[0].label, own[0].title, own[0].event, acknowledgement_rate(own))
        for own in found.values()
    ]


# --- what was asked of people -------------------------------------------------------------------------------------


class RequestKind(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    ASSIGNMENT = "assignment"
    REMINDER = "reminder"
    PLEDGE = "pledge"


@dataclass(frozen=True, slots=True)
class Request:
    """That one person was asked for something: to confirm minutes, to take an assignment on, to go on with it, to sign."""

    kind: RequestKind
    person_ref: str
    person: str
    person_local: str | None
    event: Gathering
    about: str
    path: str
    on: date  # at the place of the gathering

    @property
    def display_person(self) -> str:
        return in_language(self.person_local, self.person)

    @property
    def week(self) -> date:
        """The Monday of its week."""
        return monday_of(self.on)


@dataclass(frozen=True, slots=True)
class Load:
    """How much was asked of people: so many requests, of so many people, in so many weeks of theirs.

    A week of a person is one in which they were asked for something at all. Of fewer than five only the counts are told.
    """

    requests: int
    people: int
    weeks: int
    most: int  # the most that one person was asked for in one week

    @property
    def each(self) -> float | None:
        return None if self.weeks < FEWEST else self.requests / self.weeks


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def reading_load(requests: Iterable[Request]) -> Load:
    """Reading load: the requests for input to a person in a week, over all weeks in which somebody was asked."""
    counted = Counter((each.person_ref, each.week) for each in requests)
    return Load(
        counted.total(), len({person for person, _week in counted}), len(counted), max(counted.values(), default=0)
    )


def loads_by_week(requests: Iterable[Request]) -> list[tuple[date, Load]]:
    """The same for each week, the newest first."""
    found: dict[date, list[Request]] = defaultdict(list)
    for each in requests:
        found[each.week].append(each)
    return [(week, reading_load(found[week])) for week in sorted(found, reverse=True)]


# --- campaigns ----------------------------------------------------------------------------------------------------


class Check(StrEnum):
    """What a campaign needs before it is fought (its charter), each told by what is recorded of it."""

    OBJECTIVE = "objective"
    MEASURE = "measure"
    COMMANDER = "commander"
    DEPUTY = "deputy"
    DAYS = "days"
    ASSESSED = "assessed"
    MAP = "map"
    OWNED = "owned"
    WHOLE = "whole"
    RISKS = "risks"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Charter:
    """One campaign, as the numbers see it: which checks it passes."""

    ref: str
    name: str
    event: Gathering
    passed: frozenset[Check]

    @property
    def failed(self) -> list[Check]:
        return [each for each in Check if each not in self.passed]


def campaign_readiness(charters: Iterable[Charter]) -> Rate:
    """Campaign readiness: the passed among all charter checks."""
    found = list(charters)
    return Rate(sum(len(each.passed) for each in found), len(Check) * len(found))


@dataclass(frozen=True, slots=True)
class Support:
    """One support request. Days are those at the place of its gathering."""

    ref: str
    campaign_ref: str
    what: str
    event: Gathering
    department: str
    department_local: str | None
    state: str
    needed_by: date
    delivered_on: date | None
    ended_on: date | None  # taken back, or its refusal stands

    @property
    def display_department(self) -> str:
        return in_language(self.department_local, self.department)

    @property
    def is_due(self) -> bool:
        """Delivered, or its day has passed without; not what was taken back before that."""
        if self.delivered_on is not None:
            return True
        ended = self.ended_on is not None and self.ended_on <= self.needed_by
        return self.needed_by < self.event.today and not ended

    @property
    def is_punctual(self) -> bool:
        return self.delivered_on is not None and self.delivered_on <= self.needed_by


def due_support(requests: Iterable[Support], period: Period = ALWAYS) -> list[Support]:
    """Delivered or overdue, by the day on which it was needed."""
    return [each for each in requests if each.is_due and each.needed_by in period]


def support_punctuality(requests: Iterable[Support], period: Period = ALWAYS) -> Rate:
    """Support punctuality: delivered on or before the day on which it was needed, among what was delivered or is overdue."""
    found = due_support(requests, period)
    return Rate(sum(each.is_punctual for each in found), len(found))
