"""What can be done to make one gathering from another: clone, keep as a template, begin from one, repeat by a rule."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import exc, func, select

from app.accounts.models import RoleGrant
from app.core import audit
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.editions import policy, recurrence
from app.editions.building import Parts, Told, fill
from app.editions.errors import NameTaken
from app.editions.models import EventTemplate
from app.editions.outline import Outline, outline_of, with_years
from app.editions.template import Template, as_document, check
from app.events import services as events
from app.events.models import Event, EventSeries, Kind
from app.people.models import Organization

EVERYTHING = Parts()


@dataclass(frozen=True)
class Made:
    """A new draft, and what did not come over as it was."""

    event: Event
    told: Sequence[str]


# --- from an earlier gathering ------------------------------------------------------------------------------------


def clone_event(
    source: Event,
    *,
    actor: Actor,
    title: str,
    starts_on: date,
    title_local: str | None = None,
    parts: Parts = EVERYTHING,
    is_next: bool = True,
) -> Made:
    """A draft like `source` on other days. Registrations, answers, attendance and everything recorded stay behind.

    `is_next`: it is the next edition, so it names `source` as its previous one and joins its series.
    """
    require(policy.may_clone(actor, source))
    outline = outline_of(source, people=True)
    event = events.create_event(
        title=title,
        title_local=title_local,
        kind=source.kind,
        audience=source.audience,
        starts_on=starts_on,
        ends_on=starts_on + (source.ends_on - source.starts_on),
        time_zone=source.time_zone,
        host=source.host,
        actor=actor,
        previous=source if is_next else None,
        made_from=f"event:{source.ref}",
        **_place_of(source, parts),
    )
    told = fill(event, outline, parts, actor=actor)
    if parts.roles:
        _give_roles_again(source, event, actor, told)
    db.session.flush()
    audit.record(actor, "event.cloned", event, source=source.ref, parts=parts.names)
    return Made(event, told.some)


def _place_of(source: Event, parts: Parts) -> dict[str, str | None]:
    """The house goes with its rooms."""
    names = ("city", "city_local", "venue", "venue_local")
    return {name: getattr(source, name) for name in names} if parts.rooms else {}


def _give_roles_again(source: Event, event: Event, actor: Actor, told: Told) -> None:
    grants = db.session.scalars(select(RoleGrant).where(RoleGrant.event_id == source.id).order_by(RoleGrant.id)).all()
    for each in grants:
        if each.account.is_active:
            events.give_role(event, each.account, each.role, actor=actor)
        else:
            told.add(_("%(name)s cannot sign in any more and is given no role.", name=each.account.name))


# --- from a template ----------------------------------------------------------------------------------------------


def create_from_template(
    template: Template,
    *,
    actor: Actor,
    starts_on: date,
    time_zone: str,
    title: str | None = None,
    title_local: str | None = None,
    city: str | None = None,
    audience: str | None = None,
    host: Organization | None = None,
) -> Made:
    """A draft in the shape of the template; what is not given comes from it."""
    require(policy.may_begin(actor))
    outline = template.outline
    names = outline["title"]
    event = events.create_event(
        title=title or with_years(names.get("en") or names["zh"], starts_on.year),
        title_local=title_local or (with_years(names["zh"], starts_on.year) if "zh" in names and not title else None),
        kind=Kind(outline["kind"]),
        audience=audience or outline["audience"],
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=outline["days"] - 1),
        time_zone=time_zone,
        city=city,
        host=host,
        actor=actor,
        made_from=template.origin[:200],
    )
    told = fill(event, outline, EVERYTHING, actor=actor)
    db.session.flush()
    audit.record(actor, "event.made_from_template", event, template=template.origin)
    return Made(event, told.some)


# --- templates of the company -------------------------------------------------------------------------------------


def keep_as_template(
    event: Event, *, actor: Actor, name: str, name_local: str | None = None, about: str | None = None
) -> EventTemplate:
    """Keep the shape of an event under a name: a new edition of it, if there is one of that name."""
    require(policy.may_keep_as_template(actor, event))
    content = as_document(outline_of(event), name=name, name_local=name_local, about=about)
    return _keep(check(content), actor=actor, source=event.ref)


def import_template(content: Any, *, actor: Actor) -> EventTemplate:
    """Keep what a file holds, after the same check as its preview. Raises BadTemplate with every line that is wrong."""
    require(policy.may_begin(actor))
    return _keep(check(content), actor=actor, source=None)


def _keep(template: Template, *, actor: Actor, source: str | None) -> EventTemplate:
    name = template.name["en"] if "en" in template.name else template.name["zh"]
    last = db.session.scalar(select(func.max(EventTemplate.edition)).where(EventTemplate.name == name)) or 0
    kept = EventTemplate(
        name=name, name_local=template.name.get("zh"), edition=last + 1,
        content={**template.document, "edition": last + 1},
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(kept)
            db.session.flush()
    except exc.IntegrityError as error:
        raise NameTaken(_("Somebody saved this name just now. Please send it again."), field="name") from error
    audit.record(actor, "template.kept", kept, edition=kept.edition, source=source)
    return kept


# --- a whole series -----------------------------------------------------------------------------------------------


def create_series(
    *,
    actor: Actor,
    title: str,
    rule: str,
    first_day: date,
    days: Sequence[date],
    time_zone: str,
    title_local: str | None = None,
    template: Template | None = None,
    source: Event | None = None,
    host: Organization | None = None,
    audience: str | None = None,
    kind: str = Kind.MONTHLY_REVIEW,
) -> EventSeries:
    """One draft for each of the days, each the previous edition of the next. `days` are among those of the rule from
    `first_day` on; exceptions are left out.

    Their shape comes from a template, or from a gathering whose people are not named again, or is empty. {year} and
    {month} in the title are those of each day.
    """
    require(policy.may_begin(actor) and (source is None or policy.may_clone(actor, source)))
    days = recurrence.check_days(rule, first_day, days)
    series = EventSeries(title=bare_title(title), title_local=bare_title(title_local), rule=rule)
    db.session.add(series)
    db.session.flush()
    outline = _outline_of_base(template, source)
    origin = template.origin if template else f"event:{source.ref}" if source else None
    previous = None
    for day in days:
        event = events.create_event(
            title=on_day(title, day),
            title_local=on_day(title_local, day) if title_local else None,
            kind=outline["kind"] if outline else kind,
            audience=audience or (outline["audience"] if outline else "internal"),
            starts_on=day,
            ends_on=day + timedelta(days=outline["days"] - 1 if outline else 0),
            time_zone=time_zone,
            host=host,
            actor=actor,
            previous=previous,
            series=series,
            made_from=origin and origin[:200],
            **(_place_of(source, EVERYTHING) if source else {}),
        )
        if outline:
            fill(event, outline, Parts(speakers=False, roles=False), actor=actor)
        previous = event
    db.session.flush()
    audit.record(actor, "series.created", series, rule=rule, events=len(days))
    return series


def _outline_of_base(template: Template | None, source: Event | None) -> Outline | None:
    if template is not None:
        return template.outline
    return outline_of(source) if source is not None else None


def on_day(title: str, day: date) -> str:
    """The title with the year and the month of its day."""
    return title.replace("{year}", str(day.year)).replace("{month}", f"{day.month:02}")


def bare_title(title: str | None) -> str | None:
    """What a series is called: the title without what changes from one to the next."""
    if title is None:
        return None
    bare = re.sub(r"\s*[-–·,，]?\s*\{(?:year|month)\}\s*[年月]?\s*", " ", title)
    return " ".join(bare.split()).strip(" -–·,，") or title
