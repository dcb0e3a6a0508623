"""The places of the frame: what stands in the rail, at the top and in the dock, and how many of each there are."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from flask import g, request, url_for
from flask_login import current_user
from sqlalchemy import Integer, Select, bindparam, func, select

from app.campaigns.models import Campaign
from app.ceremonies.models import Ceremony
from app.core import clock
from app.core.db import db
from app.core.i18n import _, pgettext
from app.events import policy
from app.events.models import Event
from app.liveday.policy import may_operate
from app.minutes.models import Minutes, MinutesState
from app.publications.models import Release, ReleaseState
from app.registration.models import Registration, State
from app.requirements.models import Requirement
from app.speakers import policy as speakers
from app.speeches.models import Speech

# What stands under a place without one of its own.
BESIDE = {"ceremonies": ("pledges", "awards"), "programme": ("releases", "handouts")}


@dataclass(frozen=True)
class Place:
    label: str
    url: str
    icon: str = ""
    count: int | None = None
    current: bool = False
    group: str = "event"


def address_of(endpoint: str, event: Event | None = None) -> str:
    """The address of a place, made once: the frame names thirty of them on every page."""
    return _address_of(request.script_root, endpoint, event.ref if event is not None else None)


@lru_cache(maxsize=4096)
def _address_of(_root: str, endpoint: str, event_ref: str | None) -> str:
    return url_for(endpoint) if event_ref is None else url_for(endpoint, event_ref=event_ref)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the frame's own links lead; None where the visitor has no business."""

    home_url: str
    search_url: str
    sign_in_url: str
    sign_out_url: str
    settings_url: str
    theme_url: str
    language_url: str
    events_url: str
    mail_url: str | None
    log_url: str | None


def addresses(*, audits: bool) -> Addresses:
    return _addresses(request.script_root, audits)


@lru_cache(maxsize=16)
def _addresses(_root: str, audits: bool) -> Addresses:
    return Addresses(
        home_url=url_for("home.show"),
        search_url=url_for("home.search"),
        sign_in_url=url_for("accounts.sign_in"),
        sign_out_url=url_for("accounts.sign_out"),
        settings_url=url_for("accounts.settings"),
        theme_url=url_for("accounts.set_theme"),
        language_url=url_for("accounts.set_language"),
        events_url=url_for("events.list_events"),
        mail_url=url_for("mail.house_outbox") if audits else None,
        log_url=url_for("home.whole_log") if audits else None,
    )


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
            current = here[0] == blueprint or here[0] in BESIDE.get(blueprint, ())
        return Place(label, address_of(endpoint, event), count=count, current=current, group=group)

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
        places.append(place(_("Timetable"), "timetable.show", group="organize"))
    if speakers.may_see_list(current_user, event):
        places.append(place(_("Speakers"), "speakers.list_speakers", group="organize"))
    if policy.may_plan(current_user, event):
        places.append(
            place(_("Registration"), "registration.list_registrations", counts["registered"], group="organize")
        )
    if may_operate(current_user, event) and event.is_on_at(clock.now()):
        places.append(place(_("Live day"), "liveday.operate", group="organize"))
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
            address_of("programme.show", event),
            "calendar",
            current=here.startswith("programme."),
        )
        if event
        else Place(_("Events"), address_of("events.list_events"), "calendar", current=here.startswith("events."))
    )
    return [
        Place(_("Home"), address_of("home.show"), "home", current=here == "home.show"),
        programme,
        Place(_("Asked of me"), address_of("requirements.mine"), "list-check", current=here == "requirements.mine"),
        Place(
            pgettext("document", "Minutes"),
            address_of("minutes.library"),
            "file-text",
            current=here == "minutes.library",
        ),
    ]


def top() -> list[Place]:
    here = request.endpoint or ""
    events = Place(_("Events"), address_of("events.list_events"), current=here == "events.list_events")
    news = Place(_("News"), address_of("publications.news"), current=here == "publications.news")
    calendar = Place(_("Calendar"), address_of("diary.show"), current=here.startswith("diary."))
    if not current_user.is_authenticated:
        return [events, calendar, news]
    return [
        events,
        calendar,
        Place(_("Requirements"), address_of("requirements.everything"), current=here == "requirements.everything"),
        Place(_("Campaigns"), address_of("campaigns.everything"), current=here == "campaigns.everything"),
        Place(pgettext("document", "Minutes"), address_of("minutes.library"), current=here == "minutes.library"),
        Place(_("Directory"), address_of("people.list_people"), current=here == "people.list_people"),
        news,
    ]
