"""The first draft of minutes out of what was recorded: what was done, not what was said.

Wording follows two traditions: the minutes of a chaired assembly in English, 会议纪要 with its formula verbs in Chinese.
Which one is the language in force; a caller who drafts in another wraps the call in `force_locale`.
"""

import re
from dataclasses import dataclass, field

from app.core.i18n import _, ngettext, pgettext
from app.core.text import one_line

SPECIAL = re.compile(r"([\\`*_\[\]<>|])")
LEADING = re.compile(r"^(\d*)([#+\-=~.)])")  # begins a heading or a list


@dataclass(frozen=True)
class Item:
    title: str
    kind: str
    speakers: list[str]
    time: str


@dataclass(frozen=True)
class Point:
    """A requirement as it was put forward."""

    number: str
    heading: str
    text: str


@dataclass(frozen=True)
class Said:
    """A speech with what it demanded."""

    title: str
    speaker: str
    position: str
    points: list[Point]


@dataclass(frozen=True)
class Decision:
    """What was handed to one person by a day."""

    text: str
    responsible: str
    due: str


@dataclass(frozen=True)
class Battle:
    """A campaign that was looked at: `verdict` is what was found."""

    name: str
    verdict: str


@dataclass(frozen=True)
class Conferred:
    title: str
    recipients: list[str]
    count: int | None


@dataclass(frozen=True)
class Declared:
    """What a team stated."""

    team: str
    words: str


@dataclass(frozen=True)
class Records:
    """Everything recorded of one session, as words in the language of the minutes. An empty text is not stated."""

    gathering: str
    session: str
    kind: str
    time: str
    place: str
    chair: str
    recorder: str
    theme: str = ""
    present: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)
    in_attendance: list[str] = field(default_factory=list)
    agenda: list[Item] = field(default_factory=list)
    speeches: list[Said] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    reviewed: list[Battle] = field(default_factory=list)
    assessed: list[Battle] = field(default_factory=list)
    pledges: list[str] = field(default_factory=list)
    conferred: list[Conferred] = field(default_factory=list)
    statements: list[Declared] = field(default_factory=list)

    @property
    def attendance(self) -> dict[str, list[str]]:
        return {"present": self.present, "excused": self.excused, "in_attendance": self.in_attendance}


def title_of(session: str) -> str:
    return _("Minutes of the session “%(session)s”", session=session)


def to_markdown(records: Records) -> str:
    """The whole text, to be worked on by a person. The same records give the same text."""
    sections = (
        opening(records),
        agenda(records.agenda),
        speeches(records.speeches),
        battles(records),
        decisions(records.decisions),
        pledges(records.pledges),
        conferrals(records.conferred),
        statements(records.statements),
    )
    return "\n\n".join(section for section in sections if section) + "\n"


def plain(words: str) -> str:
    """A recorded text as itself: no sign in it becomes a mark of Markdown."""
    return LEADING.sub(r"\1\\\2", SPECIAL.sub(r"\\\1", one_line(words)))


def stated(words: str) -> str:
    return plain(words) or _("not stated")


def names(people: list[str]) -> str:
    return pgettext("between names", ", ").join(plain(each) for each in people)


def opening(records: Records) -> str:
    lines = [
        "## " + pgettext("minutes", "Opening"),
        "",
        _(
            "%(kind)s “%(session)s” of “%(gathering)s”.",
            kind=records.kind, session=plain(records.session), gathering=plain(records.gathering),
        ),
        "",
        "- " + _("Time: %(time)s", time=stated(records.time)),
        "- " + _("Place: %(place)s", place=stated(records.place)),
        "- " + _("In the chair: %(name)s", name=stated(records.chair)),
        "- " + _("Recorded by: %(name)s", name=stated(records.recorder)),
        "- " + attendance(records),
    ]  # fmt: skip
    if records.theme:
        lines.append("- " + _("Theme: %(theme)s", theme=plain(records.theme)))
    return "\n".join(lines)


def attendance(records: Records) -> str:
    if not (records.present or records.excused or records.in_attendance):
        return _("Attendance: not stated")
    return _(
        "Attendance: %(present)s present, %(excused)s excused, %(others)s in attendance; the names stand in the lists",
        present=len(records.present), excused=len(records.excused), others=len(records.in_attendance),
    )  # fmt: skip


def agenda(items: list[Item]) -> str:
    if not items:
        return ""
    lines = ["## " + pgettext("minutes", "Order of business"), ""]
    for number, item in enumerate(items, 1):
        words = _("%(title)s (%(kind)s)", title=plain(item.title), kind=item.kind)
        if item.speakers:
            words = _("%(item)s: %(names)s", item=words, names=names(item.speakers))
        lines.append(f"{number}. {item.time + ' ' if item.time else ''}{words}")
    return "\n".join(lines)


def speeches(said: list[Said]) -> str:
    if not said:
        return ""
    parts = ["## " + pgettext("minutes", "Addresses")]
    for speech in said:
        speaker = _("%(name)s, %(position)s", name=speech.speaker, position=speech.position)
        parts += [
            f"### {plain(speech.title)}",
            _("%(speaker)s spoke.", speaker=plain(speaker if speech.position else speech.speaker)),
        ]
        if speech.points:
            parts += [pgettext("minutes", "It was required:"), "\n".join(point(each) for each in speech.points)]
    return "\n\n".join(parts)


def point(each: Point) -> str:
    head = f"**{plain(each.heading)}**" if each.heading else ""
    text = plain(each.text)
    words = _("%(heading)s: %(text)s", heading=head, text=text) if head and text else head or text
    return f"{each.number}. {words}" if each.number.isdecimal() else f"- {each.number} {words}"


def battles(records: Records) -> str:
    parts = []
    for heading, found in (
        (pgettext("minutes", "Campaigns reviewed"), records.reviewed),
        (pgettext("minutes", "Campaigns assessed"), records.assessed),
    ):
        if found:
            parts.append("\n".join([f"## {heading}", "", *(f"- {battle(each)}" for each in found)]))
    return "\n\n".join(parts)


def battle(each: Battle) -> str:
    name = f"**{plain(each.name)}**"
    return _("%(heading)s: %(text)s", heading=name, text=plain(each.verdict)) if each.verdict else name


def decisions(decided: list[Decision]) -> str:
    heading = "## " + pgettext("document", "Decided")
    if not decided:
        return f"{heading}\n\n" + _("No matter was handed to a responsible person.")
    labels = (
        pgettext("document", "No."),
        pgettext("document", "Matter"),
        pgettext("document", "Responsible"),
        pgettext("document", "Due"),
    )
    rows = [
        f"| {number} | {plain(each.text)} | {plain(each.responsible)} | {each.due} |"
        for number, each in enumerate(decided, 1)
    ]
    table = [f"| {' | '.join(labels)} |", "|---|---|---|---|", *rows]
    return "\n\n".join([heading, pgettext("minutes", "It was decided:"), "\n".join(table)])


def pledges(titles: list[str]) -> str:
    if not titles:
        return ""
    heading = "## " + pgettext("minutes", "Pledges in force")
    return "\n".join([heading, "", *(f"- {plain(each)}" for each in titles)])


def conferrals(conferred: list[Conferred]) -> str:
    if not conferred:
        return ""
    lines = ["## " + pgettext("minutes", "Conferred"), ""]
    for each in conferred:
        if each.recipients:
            whom = names(each.recipients)
        elif each.count:
            whom = ngettext("%(num)s recipient", "%(num)s recipients", each.count)
        else:
            whom = _("not stated")
        lines.append("- " + _("%(heading)s: %(text)s", heading=f"**{plain(each.title)}**", text=whom))
    return "\n".join(lines)


def statements(declared: list[Declared]) -> str:
    if not declared:
        return ""
    heading = "## " + pgettext("minutes", "Statements of teams")
    told = (_("%(heading)s: %(text)s", heading=f"**{plain(each.team)}**", text=stated(each.words)) for each in declared)
    return "\n".join([heading, "", *(f"- {each}" for each in told)])
