"""The URLs of editions: clones, templates, series."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.calendars.working_days import day_off, next_edition_day
from app.core import clock
from app.core.config import settings_now
from app.core.errors import Refused, require
from app.core.forms import filled, options
from app.core.i18n import _, format_day, in_language, ngettext
from app.editions import policy, queries, recurrence, services
from app.editions.building import foresee
from app.editions.errors import BadTemplate
from app.editions.forms import CloneForm, FromTemplateForm, ImportForm, KeepForm, SeriesForm
from app.editions.models import EventTemplate
from app.editions.outline import outline_of, with_placeholders, with_years
from app.editions.services import Made
from app.editions.template import Template, read, shipped, written
from app.events import queries as events
from app.events.models import KIND_LABELS, STATUS_LABELS, Event
from app.events.pages import open_event
from app.people import queries as people
from app.programme.models import ITEM_KIND_LABELS

blueprint = Blueprint("editions", __name__)

MOST_BASES = 50


def _looks() -> bool:
    """Whether the form is sent to see what would come of it, and not yet to do it."""
    return request.form.get("look") == "1"


def _told(made: Made, words: str) -> str:
    for sentence in made.told:
        flash(sentence, "warning")
    return words


# --- clones -------------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/clone", methods=["GET", "POST"])
def clone(event_ref: str) -> ResponseReturnValue:
    """Next year's gathering from this one: days, parts, and what falls where, before anything is made."""
    source = open_event(event_ref)
    require(policy.may_clone(current_user, source))
    form = CloneForm()
    zone = source.time_zone
    proposed = next_edition_day(source.starts_on, clock.today(zone), zone)
    if not form.is_submitted():
        form.starts_on.data = proposed
        form.title.data = _moved(source.title, source, proposed.year)
        form.title_local.data = _moved(source.title_local, source, proposed.year) if source.title_local else None
    if form.validate_on_submit() and not _looks():
        answer = form.attempt(
            lambda: services.clone_event(
                source,
                actor=current_user,
                title=filled(form.title.data),
                title_local=form.title_local.data,
                starts_on=filled(form.starts_on.data),
                parts=form.parts,
                is_next=bool(form.is_next.data),
            ),
            then=lambda made: url_for("events.readiness", event_ref=made.event.ref),
            said=lambda made: _told(made, _("The draft is made. Here is what it still lacks.")),
        )
        if answer is not None:
            return answer
    day = form.starts_on.data or proposed
    rows, notes = foresee(outline_of(source), day, zone)
    return render_template(
        "editions/clone.html",
        form=form,
        event=source,
        day=day,
        rows=rows,
        notes=notes.some,
        off=day_off(day, zone),
        skipped=_skipped(source, proposed) if day == proposed else "",
    ), form.status


def _moved(text: str, source: Event, year: int) -> str:
    return with_years(with_placeholders(text, source.starts_on.year), year)


def _skipped(source: Event, proposed: date) -> str:
    """Why the proposed day is not the same weekday, if it is not."""
    if proposed.weekday() == source.starts_on.weekday():
        return ""
    return _(
        "The same weekday would have been a day off; %(day)s is the next day that is worked.", day=format_day(proposed)
    )


# --- templates ----------------------------------------------------------------------------------------------------


@blueprint.route("/templates")
def list_templates() -> ResponseReturnValue:
    require(policy.may_begin(current_user))
    return render_template(
        "editions/templates.html", shipped=shipped().values(), kept=queries.list_kept(), kinds=KIND_LABELS
    )


@blueprint.route("/templates/new", methods=["GET", "POST"])
def take_template() -> ResponseReturnValue:
    """Take a template from a file. It is looked at first, and kept when it is in order."""
    require(policy.may_begin(current_user))
    form = ImportForm()
    template, problems = None, []
    if form.validate_on_submit():
        try:
            data = form.file.data.read() if form.file.data else (form.content.data or "").encode()
            template = read(data)
            form.content.data = data.decode("utf-8-sig")
        except BadTemplate as refused:
            refused.field = "file" if form.file.data else "content"
            form.refuse(refused)
            problems = refused.problems
        if template is not None and not _looks():
            document = template.document
            answer = form.attempt(
                lambda: services.import_template(document, actor=current_user),
                then=lambda kept: url_for("editions.show_template", template_key=kept.ref),
                said=lambda kept: _("The template is kept, as edition %(number)s of its name.", number=kept.edition),
            )
            if answer is not None:
                return answer
    return render_template(
        "editions/take_template.html", form=form, template=template, problems=problems, kinds=KIND_LABELS
    ), form.status


def _open_template(key: str) -> Template:
    return queries.find_template(key) or abort(404)


@blueprint.route("/templates/<template_key>", methods=["GET", "POST"])
def show_template(template_key: str) -> ResponseReturnValue:
    """What a template holds, and the few fields from which a gathering of its shape is made."""
    require(policy.may_begin(current_user))
    template = _open_template(template_key)
    form, zone = FromTemplateForm(), settings_now().default_zone
    first = clock.today(zone)
    if not form.is_submitted():
        names = template.outline["title"]
        form.title.data = with_years(names.get("en") or names["zh"], first.year + 1)
        form.audience.data = template.outline["audience"]
    if form.validate_on_submit():
        host = people.own_organization()
        answer = form.attempt(
            lambda: services.create_from_template(
                template, actor=current_user, time_zone=zone, host=host, **_given(form, template)
            ),
            then=lambda made: url_for("events.readiness", event_ref=made.event.ref),
            said=lambda made: _told(made, _("The draft is made. Here is what it still lacks.")),
        )
        if answer is not None:
            return answer
    editions: Sequence[EventTemplate] = []
    if not template.key:
        editions = queries.list_template_editions(template.name.get("en") or template.name["zh"])
    return render_template(
        "editions/template.html",
        form=form,
        template=template,
        key=template_key,
        editions=editions,
        rows=_by_relative_day(template),
        kinds=KIND_LABELS,
        item_kinds=ITEM_KIND_LABELS,
        zone=zone,
        year=first.year + 1,
        with_years=with_years,
    ), form.status


def _given(form: FromTemplateForm, template: Template) -> dict[str, Any]:
    """What was typed. A title that was left as proposed keeps its Chinese twin."""
    values = form.values()
    names, year = template.outline["title"], filled(form.starts_on.data).year
    if "zh" in names and values["title"] in {
        with_years(names.get("en", ""), each) for each in range(year - 1, year + 3)
    }:
        values["title"] = with_years(names["en"], year)
        values["title_local"] = with_years(names["zh"], year)
    return values


def _by_relative_day(template: Template) -> list[tuple[int | None, list[dict[str, Any]]]]:
    """The items of a template by day, what has no day last; each knows the title of its session, and its room by
    the name that the reader's language has for it."""
    outline = template.outline
    names = [each["name"] for each in outline.get("rooms", [])]
    rooms = {name.get("en") or name["zh"]: in_language(name.get("zh"), name.get("en")) for name in names}
    rows = [{**each, "session": None} for each in outline.get("items", [])]
    for session in outline.get("sessions", []):
        rows += [{**each, "session": session["title"]} for each in session.get("items", [])]
    for row in rows:
        row["room"] = rooms.get(row.get("room"))
    rows.sort(key=lambda row: (row.get("day", 1000), row.get("starts", "")))
    return [(day, list(row)) for day, row in groupby(rows, key=lambda row: row.get("day"))]


@blueprint.route("/templates/<template_key>/export.json")
def export_template(template_key: str) -> ResponseReturnValue:
    require(policy.may_begin(current_user))
    template = _open_template(template_key)
    name = template.key or f"template-{template_key}-{template.edition}"
    return Response(
        written(template.document),
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}.json"'},
    )


@blueprint.route("/events/<ref:event_ref>/template", methods=["GET", "POST"])
def keep_template(event_ref: str) -> ResponseReturnValue:
    """Keep the shape of this event under a name."""
    event = open_event(event_ref)
    require(policy.may_keep_as_template(current_user, event))
    form = KeepForm()
    if not form.is_submitted():
        form.name.data = services.bare_title(with_placeholders(event.title, event.starts_on.year))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.keep_as_template(event, actor=current_user, **form.values()),
            then=lambda kept: url_for("editions.show_template", template_key=kept.ref),
            said=lambda kept: _("The template is kept, as edition %(number)s of its name.", number=kept.edition),
        )
        if answer is not None:
            return answer
    return render_template("editions/keep.html", form=form, event=event), form.status


# --- series -------------------------------------------------------------------------------------------------------


@blueprint.route("/series/new", methods=["GET", "POST"])
def add_series() -> ResponseReturnValue:
    """A whole series: the rule, its days with what speaks against them, and then all drafts at once."""
    require(policy.may_begin(current_user))
    form, zone = SeriesForm(), settings_now().default_zone
    templates = {f"template:{key}": each for key, each in shipped().items()}
    templates |= {f"template:{each.ref}": Template(each.content) for each in queries.list_kept()}
    sources = {
        f"event:{each.ref}": each
        for each in queries.list_clonable(current_user, events.list_visible(current_user))[:MOST_BASES]
    }
    names = {key: _("Template: %(name)s", name=each.display_name) for key, each in templates.items()}
    names |= {key: f"{each.display_title} ({each.starts_on.year})" for key, each in sources.items()}
    form.base.choices = options(names, nothing=_("nothing: empty drafts of one day"))
    rule, days, refusal = _rule(form) if form.is_submitted() else ("", [], None)
    form.days.choices = options({each.isoformat(): _day_words(each, zone) for each in days})
    if _looks():
        form.days.process_data([each.isoformat() for each in days])
    if form.validate_on_submit() and not refusal and not _looks():
        source = sources.get(form.base.data or "")
        chosen = {each.isoformat(): each for each in days}
        answer = form.attempt(
            lambda: services.create_series(
                actor=current_user,
                title=filled(form.title.data),
                title_local=form.title_local.data,
                rule=rule,
                first_day=filled(form.starts_on.data),
                days=[chosen[each] for each in form.days.data or []],
                template=templates.get(form.base.data or ""),
                source=source,
                audience=form.audience.data,
                time_zone=source.time_zone if source else zone,
                host=people.own_organization(),
            ),
            then=lambda series: url_for("editions.show_series", series_ref=series.ref),
            said=_("The series is made, each of its gatherings a draft."),
        )
        if answer is not None:
            return answer
    if refusal is not None:
        form.refuse(refusal)
    off = sum(1 for each in days if day_off(each, zone))
    return render_template("editions/add_series.html", form=form, days=days, rule=rule, off=off), form.status


def _rule(form: SeriesForm) -> tuple[str, list[date], Refused | None]:
    """The rule and its days, or why there are none."""
    first, every = form.starts_on.data, form.every.data
    if first is None or every not in recurrence.EVERY_LABELS:
        return "", [], None
    try:
        rule = recurrence.rule_of(every, first, count=form.count.data, until=form.until.data)
        return rule, recurrence.days_of(rule, first), None
    except Refused as refusal:
        return "", [], refusal


def _day_words(day: date, zone: str) -> str:
    off = day_off(day, zone)
    return _("%(day)s: %(why)s", day=format_day(day), why=off) if off else format_day(day)


@blueprint.route("/series/<ref:series_ref>")
def show_series(series_ref: str) -> ResponseReturnValue:
    """All editions that the reader may see, by year. A series of which they may see none is not there for them."""
    series = events.find_series(series_ref) or abort(404)
    editions = events.list_editions(current_user, series.id) or abort(404)
    numbers = queries.numbers_of(editions, current_user)
    by_year = [(year, list(row)) for year, row in groupby(reversed(editions), key=lambda each: each.starts_on.year)]
    return render_template(
        "editions/series.html",
        series=series,
        by_year=by_year,
        count=ngettext("One gathering.", "%(num)s gatherings.", len(editions)),
        numbers=numbers,
        statuses=STATUS_LABELS,
        may_begin=policy.may_begin(current_user),
        clonable={each.id for each in queries.list_clonable(current_user, editions)},
        now=clock.now(),
    )
