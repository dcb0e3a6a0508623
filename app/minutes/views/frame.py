"""What the pages of minutes share: the blueprint, the way to one document, and the text under work."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, url_for
from flask_login import current_user
from markupsafe import Markup

from app.documents import markdown
from app.events.models import Event
from app.minutes import extracts, policy, queries
from app.minutes.models import Minutes, MinutesVersion

blueprint = Blueprint("minutes", __name__)
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


def shown(text: extracts.Text) -> list[Shown]:
    return [
        Shown(each.anchor, each.heading, markdown.to_html(each.text), each.section.clearance) for each in text.parts
    ]
