"""What a page shows of a review: who was asked, the comments where they stand, and the way to comment on a paragraph."""

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from flask_login import current_user
from markupsafe import Markup

from app.core.i18n import _
from app.documents.diff import drawn as difference
from app.minutes import checks, extracts, paragraphs, policy, proposals, reviews
from app.minutes.forms import CommentForm, DeclineForm
from app.minutes.models import CommentState, Minutes, MinutesState, MinutesVersion, ReviewComment, Section
from app.minutes.views.frame import Beside, page_of
from app.people.models import CLEARANCE_LABELS, Clearance
from app.people.queries import person_of


@dataclass(frozen=True)
class Remark:
    """A comment with where it stands now, and what its proposed wording would change."""

    said: ReviewComment
    heading: str
    anchor: str
    changes: list[tuple[str, str]]
    is_there: bool
    classified: str

    @property
    def can_be_accepted(self) -> bool:
        return self.said.is_open and self.said.proposed is not None and self.said.quoted is not None and self.is_there


def remarks(minutes: Minutes, text: extracts.Text) -> list[Remark]:
    """The comments that the reader of this text may meet."""
    return [_remark(each, text) for each in reviews.list_comments(minutes, text.clearance)]


def _remark(said: ReviewComment, text: extracts.Text) -> Remark:
    part = next((each for each in text.parts if each.anchor == said.section_origin), None)
    pieces = paragraphs.split(part.text) if part is not None else []
    there = [number for number, each in enumerate(pieces, 1) if each == said.quoted]
    number = min(there, key=lambda each: abs(each - (said.paragraph or each)), default=None)
    anchor = paragraphs.anchor(part.anchor, number) if part and number else part.anchor if part else ""
    quoted = proposals.bare(said.quoted or "")
    changes = difference(quoted, proposals.bare(said.proposed)) if said.proposed and said.quoted else []
    level = max(said.clearance, part.section.clearance if part else 0)
    classified = str(CLEARANCE_LABELS[Clearance(level)]) if level > Clearance.INTERNAL else ""
    return Remark(said, part.heading if part else "", anchor, changes, number is not None, classified)


def of_review(minutes: Minutes, version: MinutesVersion, text: extracts.Text, *, shown: bool) -> dict[str, Any]:
    """What the page of a text says of its review; nothing of it unless the text under work is `shown`."""
    sees_findings = policy.may_see_findings(current_user, minutes)
    if not shown:
        return {"remarks": [], "asked_round": None, "sees_findings": sees_findings}
    rounds = reviews.open_round(version)
    may_record = policy.may_record(current_user, minutes.event)
    unsettled = None
    if version.frozen_at is None and sees_findings:
        unsettled = sum(1 for each in checks.findings(version) if each.overridden is None)
    return {
        "remarks": remarks(minutes, text),
        "sees_findings": sees_findings,
        "asked_round": rounds,
        "last_round": version.rounds[-1] if version.rounds else None,
        "my_review": reviews.asked_as(person_of(current_user), version),
        "returned": reviews.returned(version),
        "unsettled": unsettled,
        "comment_form": CommentForm(),
        "decline_form": DeclineForm() if may_record else None,
        "may_send_back": policy.may_send_back(current_user, minutes),
        "comment_states": CommentState,
    }


def beside(minutes: Minutes, version: MinutesVersion) -> Beside | None:
    """The link to comment at the end of each paragraph, for those who may, while the text is in review."""
    if version.stage != MinutesState.IN_REVIEW or not policy.may_comment(current_user, minutes):
        return None
    return partial(_link, page_of(minutes, "comment"))


LINK = Markup(
    '<a class="remark-on no-print" href="{url}?at={place}" rel="nofollow"><span class="visually-hidden">{words}</span>'
    '<span aria-hidden="true">✎</span></a>'
)


def _link(url: str, section: Section, number: int, source: str) -> Markup:
    words = _("Comment on paragraph %(number)s", number=number)
    return LINK.format(url=url, place=place_of(section.origin, number, source), words=words)


def place_of(origin: str, number: int, source: str) -> str:
    """A paragraph as it was read: its section, its number, and a fingerprint of its words."""
    return f"{origin}-{number}-{sha256(source.encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class Place:
    """Where a comment is to stand. `is_there` is false when the paragraph does not read any more as it did."""

    part: extracts.Part | None = None
    number: int | None = None
    quoted: str | None = None
    is_there: bool = True

    @property
    def origin(self) -> str | None:
        return self.part.anchor if self.part else None


def find_place(text: extracts.Text, asked: str) -> Place:
    """What an address or a form names; a section or paragraph that is not this reader's is not there."""
    if not asked:
        return Place()
    origin, _dash, more = asked.partition("-")
    part = next((each for each in text.parts if each.anchor == origin), None)
    if part is None:
        return Place(is_there=False)
    if not more:
        return Place(part)
    number, _dash, print_ = more.partition("-")
    pieces = list(enumerate(paragraphs.split(part.text), 1))
    wanted = int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 0
    pieces.sort(key=lambda each: abs(each[0] - wanted))
    for at, source in pieces:
        if place_of(origin, at, source).endswith(f"-{print_}") if print_ else at == wanted:
            return Place(part, at, source)
    return Place(part, is_there=False)
