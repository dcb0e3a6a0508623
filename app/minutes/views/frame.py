"""What the pages of minutes share: the blueprint, the way to one document, and the text under work."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, abort, url_for
from flask_login import current_user
from markupsafe import Markup

from app.documents.markdown import Hits
from app.events.models import Event
from app.minutes import extracts, paragraphs, policy, queries
from app.minutes.models import Minutes, MinutesVersion, Section
from app.people.models import CLEARANCE_LABELS, Clearance

blueprint = Blueprint("minutes", __name__)
Beside = Callable[[Section, int, str], Markup]
PATH = "/events/<ref:event_ref>/minutes/<ref:minutes_ref>"


def find(event: Event, ref: str) -> Minutes:
    return queries.find_minutes(current_user, event, ref) or abort(404)


def page_of(minutes: Minutes, endpoint: str = "show", **more: Any) -> str:
    return url_for(f"minutes.{endpoint}", event_ref=minutes.event.ref, minutes_ref=minutes.ref, **more)


def under_work_or_404(minutes: Minutes) -> MinutesVersion:
    version = minutes.under_work
    if version is None or not policy.may_see_version(current_user, minutes, version):
        abort(404)
    return version


@dataclass(frozen=True)
class Shown:
    """A section as a page shows it."""

    anchor: str
    heading: str
    html: Markup
    clearance: int
    level: str = ""  # its classification in words, where few may read it


def shown(text: extracts.Text, hits: Hits | None = None, beside: Beside | None = None) -> list[Shown]:
    """The sections for the page. `beside` gives what stands at the end of a paragraph: of (section, number, source)."""
    return [
        Shown(each.anchor, each.heading, _paragraphs(text, each, hits, beside), each.section.clearance, _level(each))
        for each in text.parts
    ]


def _level(part: extracts.Part) -> str:
    level = Clearance(part.section.clearance)
    return str(CLEARANCE_LABELS[level]) if level > Clearance.INTERNAL else ""


def _paragraphs(text: extracts.Text, part: extracts.Part, hits: Hits | None, beside: Beside | None) -> Markup:
    """What comes from records is told as long as it follows them."""
    is_open = text.version.frozen_at is None
    bindings = part.bindings if is_open else ()
    more = partial(beside, part.section) if beside else None
    says_free = is_open and any(each.bindings for each in text.parts)
    return paragraphs.html(part.anchor, part.text, bindings, hits, more, says_free)
