"""The places of the frame: what stands in the rail, at the top and in the dock, and how many of each there are."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from flask import g, request, url_for
from flask_login import current_user
from sqlalchemy import Integer, Select, bindparam, func, select

from app.attendance.policy import may_see_record
from app.campaigns.models import Campaign
from app.ceremonies.models import Ceremony
from app.core import clock
from app.core.db import db
from app.core.i18n import _, language_tag, pgettext
from app.events import policy
from app.events.models import Event
from app.liveday.policy import may_operate
from app.minutes.models import Minutes, MinutesState
from app.minutes.policy import given_clearance
from app.people.models import Clearance, Person
from app.publications.models import Release, ReleaseState
from app.registration.models import Registration, State
from app.requirements.models import Requirement
from app.speakers import policy as speakers
from app.speeches.models import Speech

# What stands under a place without one of its own.
BESIDE = {
    "ceremonies": ("pledges", "tallies", "awards", "nominations", "shows", "stage"),
    "programme": ("releases", "handouts"),
    "registration": ("audiences", "invitations", "questions", "approvals", "substitutions", "batches"),
    "door": ("attendance", "badges", "turnout"),
    "mail": ("mailings",),
    "register": ("requirements", "negotiations", "extensions", "cascades", "lineage", "figures", "circulars"),
}


@dataclass(frozen=True)
class Place:
    label: str
    url: str
    icon: str = ""
    count: int | None = None
    current: bool = False
    group: str = "event"


@lru_cache(maxsize=4096)
def _address_of(_root: str, endpoint: str, event_ref: str | None) -> str:
    """The address of a place, made once: the frame names thirty of them on every page."""
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
    told = {"event_id": event.id, "given": given_clearance(current_user, event), "account_id": current_user.id}
    return dict(db.session.execute(counted, told).mappings().one())


@cache
def _counts(*, stranger: bool) -> Select[*tuple[Any, ...]]:
    event_id = bindparam("event_id", type_=Integer)
    # Minutes of which somebody reads nothing are not counted for them either.
    own = select(Person.clearance).where(Person.account_id == bindparam("account_id", type_=Integer)).scalar_subquery()
    clearance = func.coalesce(bindparam("given", type_=Integer), own, int(Clearance.INTERNAL))

    def count(model, *conditions):
        return select(func.count(model.id)).where(model.event_id == event_id, *conditions).scalar_subquery()

    # A stranger is not told how many releases there are inside.
    told_to_all = (Release.is_public,) if stranger else ()
    return select(
        count(Speech).label("speeches"),
        count(Requirement, Requirement.parent_id.is_(None)).label("requirements"),
        count(Campaign).label("campaigns"),
        count(Ceremony).label("ceremonies"),
        count(Minutes, Minutes.state == MinutesState.PUBLISHED, Minutes.least_clearance <= clearance).label("minutes"),
        count(Release, Release.state == ReleaseState.PUBLISHED, *told_to_all).label("releases"),
        count(Registration, Registration.state == State.CONFIRMED).label("registered"),
    )


@dataclass(frozen=True, slots=True)
class Rights:
    """What of an event's rail a visitor may open."""

    is_known: bool
    plans: bool
    sees_speakers: bool
    operates: bool
    keeps_door: bool
    reads_record: bool
    reads_log: bool


def places_in(event: Event) -> tuple[Place, ...]:
    """The rail of an event: only what this visitor may open."""
    counts = g.event_counts = counts_of(event)
    rights = g.event_rights = Rights(
        is_known=current_user.is_authenticated,
        plans=policy.may_plan(current_user, event),
        sees_speakers=speakers.may_see_list(current_user, event),
        operates=may_operate(current_user, event) and event.is_on_at(clock.now()),
        keeps_door=policy.may_keep_door(current_user, event),
        reads_record=may_see_record(current_user, event),
        reads_log=policy.may_read_log(current_user, event),
    )
    here = (request.blueprint or "", request.endpoint or "")
    return _rail(request.script_root, language_tag(), here, event.ref, rights, **counts)


@lru_cache(maxsize=500)
def _rail(
    root: str, _language: str, here: tuple[str, str], event_ref: str, rights: Rights, **counts: int
) -> tuple[Place, ...]:
    """Made once for all who see the same: whatever it depends on is an argument."""

    def place(label: str, endpoint: str, count: int | None = None, group: str = "event") -> Place:
        blueprint = endpoint.split(".")[0]
        if blueprint in ("events", "home"):
            current = here[1] == endpoint
        else:
            current = (
                here[0] == blueprint or here[0] in BESIDE.get(blueprint, ()) or blueprint in BESIDE.get(here[0], ())
            )
        return Place(label, _address_of(root, endpoint, event_ref), count=count, current=current, group=group)

    places = [
        place(_("Overview"), "events.show"),
        place(_("Programme"), "programme.show"),
    ]
    if rights.is_known:
        places += [
            place(_("People"), "events.people"),
            place(_("Speeches"), "speeches.list_speeches", counts["speeches"]),
            place(_("Requirements"), "register.show", counts["requirements"]),
            place(_("Campaigns"), "campaigns.list_campaigns", counts["campaigns"]),
            place(_("Ceremonies"), "ceremonies.list_ceremonies", counts["ceremonies"]),
            place(pgettext("document", "Minutes"), "minutes.list_minutes", counts["minutes"]),
        ]
    places.append(place(_("Publications"), "publications.list_releases", counts["releases"]))
    if rights.plans:
        places.append(place(_("Timetable"), "timetable.show", group="organize"))
    if rights.sees_speakers:
        places.append(place(_("Speakers"), "speakers.list_speakers", group="organize"))
    if rights.plans:
        places.append(
            place(_("Registration"), "registration.list_registrations", counts["registered"], group="organize")
        )
    if rights.operates:
        places.append(place(_("Live day"), "liveday.operate", group="organize"))
    if rights.keeps_door or rights.reads_record:
        door = "door.show" if rights.keeps_door else "attendance.record"
        places.append(place(_("Attendance"), door, group="organize"))
    if rights.plans:
        places.append(place(_("Mail"), "mail.outbox", group="organize"))
        places.append(place(_("Settings"), "events.settings", group="organize"))
    if rights.reads_log:
        places.append(place(_("Log"), "home.event_log", group="organize"))
    return tuple(places)


def dock() -> tuple[Place, ...]:
    """The four things at the bottom of a phone."""
    if not current_user.is_authenticated:
        return ()
    event = g.get("event")
    return _dock(request.script_root, language_tag(), request.endpoint or "", event.ref if event else None)


@lru_cache(maxsize=500)
def _dock(root: str, _language: str, here: str, event_ref: str | None) -> tuple[Place, ...]:
    def place(label: str, endpoint: str, icon: str, ref: str | None = None, *, current: bool) -> Place:
        return Place(label, _address_of(root, endpoint, ref), icon, current=current)

    if event_ref:
        middle = place(_("Programme"), "programme.show", "calendar", event_ref, current=here.startswith("programme."))
    else:
        middle = place(_("Events"), "events.list_events", "calendar", current=here.startswith("events."))
    minutes = pgettext("document", "Minutes")
    return (
        place(_("Home"), "home.show", "home", current=here == "home.show"),
        middle,
        place(_("Asked of me"), "register.mine", "list-check", current=here == "register.mine"),
        place(minutes, "minutes.library", "file-text", current=here == "minutes.library"),
    )


def top() -> tuple[Place, ...]:
    """The places of the whole house."""
    return _top(request.script_root, language_tag(), request.endpoint or "", current_user.is_authenticated)


@lru_cache(maxsize=500)
def _top(root: str, _language: str, here: str, is_known: bool) -> tuple[Place, ...]:
    def place(label: str, endpoint: str, *, current: bool | None = None) -> Place:
        return Place(label, _address_of(root, endpoint, None), current=here == endpoint if current is None else current)

    events = place(_("Events"), "events.list_events")
    calendar = place(_("Calendar"), "diary.show", current=here.startswith("diary."))
    news = place(_("News"), "publications.news")
    if not is_known:
        return (events, calendar, news)
    return (
        events,
        calendar,
        place(
            _("Requirements"),
            "register.everything",
            current=here in ("register.everything", "figures.everywhere", "circulars.list_circulars"),
        ),
        place(_("Campaigns"), "campaigns.everything"),
        place(pgettext("document", "Minutes"), "minutes.library"),
        place(_("Directory"), "people.list_people"),
        news,
    )
