"""The places of the frame: what stands in the rail, at the top and in the dock, and how many of each there are."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import g, request, url_for
from flask_login import current_user
from sqlalchemy import Integer, Select, bindparam, func, select

from app.campaigns.models import Campaign
from app.ceremonies.models import Ceremony
from app.core.db import db
from app.core.i18n import _, pgettext
from app.events import policy
from app.events.models import Event
from app.minutes.models import Minutes, MinutesState
from app.publications.models import Release, ReleaseState
from app.registration.models import Registration, State
from app.requirements.models import Requirement
from app.speeches.models import Speech


@dataclass(frozen=True)
class Place:
    label: str
    url: str
    icon: str = ""
    count: int | None = None
    current: bool = False
    group: str = "event"


def counts_of(event: Event) -> dict[str, int]:
    """How many of each an event holds, in one statement."""
    counted = _counts(stranger=not current_user.is_authenticated)
    return dict(db.session.execute(counted, {"event_id": event.id}).mappings().one())


@cache
def _counts(*, stranger: bool) -> Select[*tuple[Any, ...]]:
    event_id = bindparam("event_id", type_=Integer)

    def count(model, *conditions):
        return select(func.count(model.id)).where(model.event_id == event_id, *conditions).scalar_subquery()

    # A stranger is not told how many releases there are inside.
    told_to_all = (Release.is_public,) if stranger else ()
    return select(
        count(Speech).label("speeches"),
        count(Requirement, Requirement.parent_id.is_(None)).label("requirements"),
        count(Campaign).label("campaigns"),
        count(Ceremony).label("ceremonies"),
        count(Minutes, Minutes.state == MinutesState.PUBLISHED).label("minutes"),
        count(Release, Release.state == ReleaseState.PUBLISHED, *told_to_all).label("releases"),
        count(Registration, Registration.state == State.CONFIRMED).label("registered"),
    )


def places_in(event: Event) -> list[Place]:
    """The rail of an event: only what this visitor may open."""
    here = (request.blueprint or "", request.endpoint or "")
    counts = g.event_counts = counts_of(event)

    def place(label: str, endpoint: str, count: int | None = None, group: str = "event") -> Place:
        blueprint = endpoint.split(".")[0]
        if blueprint in ("events", "registration", "home"):
            current = here[1] == endpoint or (
                endpoint == "registration.list_registrations" and here[0] == "registration"
            )
        else:
            current = here[0] == blueprint or (blueprint == "ceremonies" and here[0] in ("pledges", "awards"))
        return Place(label, url_for(endpoint, event_ref=event.ref), count=count, current=current, group=group)

    places = [
        place(_("Overview"), "events.show"),
        place(_("Programme"), "programme.show"),
    ]
    if current_user.is_authenticated:
        places += [
            place(_("People"), "events.people"),
            place(_("Speeches"), "speeches.list_speeches", counts["speeches"]),
            place(_("Requirements"), "requirements.register", counts["requirements"]),
            place(_("Campaigns"), "campaigns.list_campaigns", counts["campaigns"]),
            place(_("Ceremonies"), "ceremonies.list_ceremonies", counts["ceremonies"]),
            place(pgettext("document", "Minutes"), "minutes.list_minutes", counts["minutes"]),
        ]
    places.append(place(_("Publications"), "publications.list_releases", counts["releases"]))
    if policy.may_plan(current_user, event):
        places.append(
            place(_("Registration"), "registration.list_registrations", counts["registered"], group="organize")
        )
    if policy.may_keep_door(current_user, event):
        places.append(place(_("Attendance"), "attendance.door", group="organize"))
    if policy.may_plan(current_user, event):
        places.append(place(_("Mail"), "mail.outbox", group="organize"))
        places.append(place(_("Settings"), "events.settings", group="organize"))
    if policy.may_read_log(current_user, event):
        places.append(place(_("Log"), "home.event_log", group="organize"))
    return places


def dock() -> list[Place]:
    """The four things at the bottom of a phone."""
    if not current_user.is_authenticated:
        return []
    here, event = request.endpoint or "", g.get("event")
    programme = (
        Place(
            _("Programme"),
            url_for("programme.show", event_ref=event.ref),
            "calendar",
            current=here.startswith("programme."),
        )
        if event
        else Place(_("Events"), url_for("events.list_events"), "calendar", current=here.startswith("events."))
    )
    return [
        Place(_("Home"), url_for("home.show"), "home", current=here == "home.show"),
        programme,
        Place(_("Asked of me"), url_for("requirements.mine"), "list-check", current=here == "requirements.mine"),
        Place(
            pgettext("document", "Minutes"), url_for("minutes.library"), "file-text", current=here == "minutes.library"
        ),
    ]


def top() -> list[Place]:
    here = request.endpoint or ""
    events = Place(_("Events"), url_for("events.list_events"), current=here == "events.list_events")
    news = Place(_("News"), url_for("publications.news"), current=here == "publications.news")
    if not current_user.is_authenticated:
        return [events, news]
    return [
        events,
        Place(_("Requirements"), url_for("requirements.everything"), current=here == "requirements.everything"),
        Place(_("Campaigns"), url_for("campaigns.everything"), current=here == "campaigns.everything"),
        Place(pgettext("document", "Minutes"), url_for("minutes.library"), current=here == "minutes.library"),
        Place(_("Directory"), url_for("people.list_people"), current=here == "people.list_people"),
        news,
    ]
