"""The line as a list of what happened, and as a graph of the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from app.core.i18n import _, format_day, is_chinese
from app.lineage.queries import Line
from app.requirements.models import ASSIGNMENT_STATE_LABELS, Assignment, AssignmentState, Requirement

SHORT = 160
ROWS = 24  # assignments drawn; the list tells of all
WIDTH, HEIGHT, GAP_X, GAP_Y = 190, 58, 44, 18
LETTERS = {False: 25, True: 13}  # of one line in a box, Latin and Chinese


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `at` is known to the minute or None; `day` is always known, at the place of the event."""

    day: date
    at: datetime | None
    what: str
    about: Requirement
    detail: str = ""
    by: str = ""
    url: str = ""
    link: str = ""
    icon: str = "circle"


def url_of(requirement: Requirement) -> str:
    return f"/events/{requirement.event.ref}/requirements/{requirement.ref}"


def url_of_assignment(assignment: Assignment) -> str:
    return f"/events/{assignment.event.ref}/assignments/{assignment.ref}"


def url_of_passage(requirement: Requirement) -> str:
    """Where it was said, in the speech."""
    place = f"#p-{requirement.passage.ref}" if requirement.passage else f"#r-{requirement.ref}"
    return f"/events/{requirement.event.ref}/speeches/{requirement.speech.ref}{place}"


def timeline(line: Line, carried: Sequence[Entry] = ()) -> list[Entry]:
    """Everything in the order in which it happened. `carried` comes from whoever knows the agendas."""
    entries = [*carried]
    assignments = {each.id: each for each in line.assignments}
    requirements = {each.id: each for each in line.requirements}
    for each in line.requirements:
        entries += _of_requirement(each)
    for each in line.assignments:
        entries += _of_assignment(each)
    entries += _of_work(line, assignments)
    for review in line.reviews:
        about = requirements[review.requirement_id]
        entries.append(Entry(review.reviewed_on, None, _("Reviewed"), about, review.finding or "", review.by_name, url_of(about), about.label, "repeat"))  # fmt: skip
    for link in line.links:
        later, earlier = requirements[link.later_id], requirements[link.earlier_id]
        entries.append(
            _entry(
                later, link.created_at, _("Linked: it continues %(label)s", label=earlier.label), detail=earlier.display_heading,
                by=link.by_name, url=url_of(earlier), link=earlier.label, icon="link",
            )
        )  # fmt: skip
    return sorted(entries, key=lambda each: (each.day, each.at.timestamp() if each.at else 0))


def _entry(about: Requirement, at: datetime, what: str, **more: str) -> Entry:
    return Entry(about.event.day_at(at), at, what, about, **more)


def _of_requirement(each: Requirement) -> Iterator[Entry]:
    speech = each.speech
    said = each.verbatim or each.display_summary or ""
    yield Entry(
        speech.day, speech.held_at, _("Said in “%(speech)s”", speech=speech.display_title), each, _short(said),
        speech.display_speaker, url_of_passage(each), _("The passage"), "quote",
    )  # fmt: skip
    if speech.confirmed_at:
        yield _entry(each, speech.confirmed_at, _("Wording confirmed"), detail=each.display_heading, url=url_of(each), link=each.label, icon="check")  # fmt: skip
    if each.closed_at:
        yield _entry(each, each.closed_at, _("Requirement closed"), url=url_of(each), link=each.label, icon="checks")


def _of_assignment(each: Assignment) -> Iterator[Entry]:
    about, url = each.requirement, url_of_assignment(each)
    name = each.responsible.display_name
    if each.handed_over_at:
        due = _("Due on %(day)s", day=format_day(each.original_due_on))
        yield _entry(about, each.handed_over_at, _("Handed to %(name)s", name=name), detail=f"{_short(each.deliverable)} · {due}", url=url, link=each.label, icon="send")  # fmt: skip
    if each.accepted_at:
        yield _entry(about, each.accepted_at, _("Accepted"), by=name, url=url, link=each.label, icon="check")
    if each.closed_at:
        late = each.state == AssignmentState.CLOSED and each.was_closed_late()
        what = _("Closed, late") if late else _("Closed, on time")
        yield _entry(about, each.closed_at, what, detail=each.closing_note or "", by=each.closed_by_name or "", url=url, link=each.label, icon="checks")  # fmt: skip


def _of_work(line: Line, assignments: Mapping[int, Assignment]) -> Iterator[Entry]:
    """What was reported, proven and judged, of the assignments that the reader follows; and how they were changed."""

    def entry(row: object, what: str, detail: str, by: str, icon: str) -> Entry:
        each = assignments[row.assignment_id]  # type: ignore[attr-defined]
        url, link = url_of_assignment(each), each.label
        return _entry(each.requirement, row.created_at, what, detail=_short(detail), by=by, url=url, link=link, icon=icon)  # type: ignore[attr-defined]  # fmt: skip

    for report in line.reports:
        yield entry(report, _("Reported"), report.text, report.by_name, "message-circle")
    for piece in line.evidence:
        yield entry(piece, _("Evidence"), piece.described_as, piece.by_name, "paperclip")
    for verdict in line.verdicts:
        what = _("Verified") if verdict.is_accepted else _("Returned")
        yield entry(
            verdict, what, verdict.reason or "", verdict.by_name, "check" if verdict.is_accepted else "arrow-back-up"
        )
    for extension in line.extensions:
        what = _("More time asked for, until %(day)s", day=format_day(extension.new_due_on))
        yield entry(extension, what, "", extension.asked_by_name, "clock")
    for transfer in line.transfers:
        what = _("Transferred from %(one)s to %(other)s", one=transfer.from_name, other=transfer.to_name)
        yield entry(transfer, what, "", transfer.by_name, "user-plus")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


# --- the graph ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Node:
    x: int
    y: int
    label: str
    words: str
    url: str
    kind: str

    @property
    def middle(self) -> int:
        return self.y + HEIGHT // 2


@dataclass
class Graph:
    """Boxes and the lines between them, in the order in which they are read: by row, from left to right."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)
    width: int = 4 * WIDTH + 3 * GAP_X + 8
    height: int = 0
    is_cut: bool = False

    def add(self, column: int, row: int, label: str, words: str, url: str, kind: str) -> Node:
        node = Node(4 + column * (WIDTH + GAP_X), 4 + row * (HEIGHT + GAP_Y), label, _fit(words), url, kind)
        self.nodes.append(node)
        return node

    def join(self, one: Node, other: Node) -> None:
        """From right side to left side, or down where both stand in one column."""
        if one.x == other.x:
            self.edges.append(f"M{one.x + 14} {one.y + HEIGHT}V{other.y}")
        else:
            bend = other.x - GAP_X // 2
            self.edges.append(f"M{one.x + WIDTH} {one.middle}H{bend}V{other.middle}H{other.x}")


def graph(line: Line) -> Graph:
    """Speech, requirement, assignment and what came of it, each in its column; next year's below this year's."""
    drawn, row = Graph(), 0
    boxes: dict[int, Node] = {}
    speeches: dict[int, Node] = {}
    of_requirement: dict[int, list[Assignment]] = {}
    for assignment in line.assignments:
        of_requirement.setdefault(assignment.requirement_id, []).append(assignment)
    for each in line.requirements:
        if row >= ROWS:
            drawn.is_cut = True
            break
        if each.speech_id not in speeches:
            speech = each.speech
            speeches[each.speech_id] = drawn.add(0, row, format_day(speech.day), speech.display_title, url_of_passage(each), "speech")  # fmt: skip
        boxes[each.id] = drawn.add(1, row, each.label, each.display_heading, url_of(each), "here" if each.id == line.requirement.id else "requirement")  # fmt: skip
        drawn.join(speeches[each.speech_id], boxes[each.id])
        for assignment in of_requirement.get(each.id, [])[: max(1, ROWS - row)]:
            given = drawn.add(2, row, assignment.label, assignment.responsible.display_name, url_of_assignment(assignment), "assignment")  # fmt: skip
            drawn.join(boxes[each.id], given)
            state = str(ASSIGNMENT_STATE_LABELS[AssignmentState(assignment.state)])
            ended = assignment.event.day_at(assignment.closed_at) if assignment.closed_at else assignment.due_on
            end = drawn.add(3, row, format_day(ended), state, url_of_assignment(assignment), assignment.state)
            drawn.join(given, end)
            row += 1
        row += 0 if of_requirement.get(each.id) else 1
    for link in line.links:
        if link.earlier_id in boxes and link.later_id in boxes:
            drawn.join(boxes[link.earlier_id], boxes[link.later_id])
    drawn.height = 8 + row * (HEIGHT + GAP_Y)
    return drawn


def _fit(words: str) -> str:
    most = LETTERS[is_chinese() or any(ord(sign) > 0x2E80 for sign in words)]
    return words if len(words) <= most else words[: most - 1] + "…"
