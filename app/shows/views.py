"""The pages of the run of show."""

import re
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.ceremonies import queries as ceremonies
from app.core import clock
from app.core.errors import Refused, require
from app.core.forms import press
from app.core.i18n import _, language_tag, ngettext
from app.core.text import one_line
from app.documents.render import render_pdf
from app.events import queries as events
from app.events.models import Event
from app.events.pages import open_event
from app.people.queries import list_choosable_people, person_of
from app.programme import queries as programme
from app.sheets.errors import SheetRefused
from app.sheets.reading import read_table
from app.sheets.writing import XLSX_TYPE
from app.shows import blocks, importing, papers, policy, precedence, queries, rows, services
from app.shows.errors import RowsRefused
from app.shows.forms import (
    AwardBlockForm,
    CueForm,
    ImportForm,
    PublishForm,
    ShowForm,
    SigningBlockForm,
    TallyBlockForm,
)
from app.shows.models import PRECEDENCE_LABELS, Cue, Precedence, Show, ShowVersion

blueprint = Blueprint("shows", __name__)

SHOWS = "/events/<ref:event_ref>/shows"
SHOW = f"{SHOWS}/<ref:show_ref>"
PDF_TYPE = "application/pdf"


def open_show(event_ref: str, show_ref: str) -> tuple[Event, Show]:
    event = open_event(event_ref)
    return event, queries.find_readable(current_user, event, show_ref) or abort(404)


def planned_show(event_ref: str, show_ref: str) -> tuple[Event, Show]:
    """For acts on the table: whoever does not plan here learns no more than that."""
    event = open_event(event_ref)
    require(policy.may_plan(current_user, event))
    return event, queries.find_show(event, show_ref) or abort(404)


def url_of(show: Show, **more: Any) -> str:
    return url_for("shows.show", event_ref=show.event.ref, show_ref=show.ref, **more)


def url_of_cue(cue: Cue, **more: Any) -> str:
    return url_of(cue.show, _anchor=f"c-{cue.ref}", **more)


def row_open(cue: Cue) -> str:
    """Back to the row, still open, so that it can be moved once more."""
    return url_of_cue(cue, edit=cue.ref)


@blueprint.route(SHOWS)
def list_shows(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    shows = queries.list_readable(current_user, event)
    require(bool(shows) or policy.may_read(current_user, event))
    return render_template(
        "shows/list.html",
        event=event,
        shows=shows,
        counts=queries.count_cues(event),
        may_plan=policy.may_plan(current_user, event),
        may_run=policy.may_run(current_user, event),
    )


@blueprint.route(f"{SHOWS}/new", methods=["GET", "POST"])
def new_show(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_plan(current_user, event))
    form = _show_form(event, None)
    if form.validate_on_submit():

        def act() -> Show:
            made = services.add_show(event, actor=current_user, **form.act_values(event))
            if form.source_ref.record is not None:
                importing.copy_rows(made, form.source_ref.record, actor=current_user)
            return made

        answer = form.attempt(act, then=url_of, said=_("The table stands. Add its rows or take a ready block."))
        if answer is not None:
            return answer
    return _show_page(event, None, form)


@blueprint.route(f"{SHOW}/edit", methods=["GET", "POST"])
def edit_show(event_ref: str, show_ref: str) -> ResponseReturnValue:
    event, show = planned_show(event_ref, show_ref)
    form = _show_form(event, show)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_show(show, actor=current_user, version=form.opened_version, **form.act_values(event)),
            then=url_of(show),
            said=_("The evening is changed, and all starts with it."),
        )
        if answer is not None:
            return answer
    return _show_page(event, show, form)


def _show_form(event: Event, show: Show | None) -> ShowForm:
    form = ShowForm(obj=show)
    form.session_ref.offer(programme.list_sessions(event), nothing=_("none"), chosen=show.session if show else None)
    sources = [] if show else [each for each in _sources() if policy.may_plan(current_user, each.event)]
    words = {
        each: _("%(title)s · %(event)s", title=each.display_title, event=each.event.display_title) for each in sources
    }
    form.source_ref.offer_in_words(words, nothing=_("no other table"))
    if show is not None:
        form.show_record(show)
        del form.source_ref
    return form


def _sources() -> list[Show]:
    return list(queries.list_sources(events.select_visible_ids(current_user)))


def _show_page(event: Event, show: Show | None, form: ShowForm) -> ResponseReturnValue:
    pictures = {rule.value: [(count, _picture(count, rule)) for count in (5, 6)] for rule in Precedence}
    return render_template(
        "shows/edit.html", event=event, show=show, form=form, pictures=pictures, rules=PRECEDENCE_LABELS
    ), form.status


def _picture(count: int, rule: Precedence | str) -> list[precedence.Place]:
    return sorted(precedence.places_of(count, rule), key=lambda each: each.from_left)


@blueprint.route(f"{SHOW}/removal", methods=["POST"])
def remove_show(event_ref: str, show_ref: str) -> ResponseReturnValue:
    event, show = planned_show(event_ref, show_ref)
    return press(
        lambda: services.remove_show(show, actor=current_user),
        url_for("shows.list_shows", event_ref=event.ref),
        _("The table is removed."),
        refused=url_of(show),
    )


# --- the table ----------------------------------------------------------------------------------------------------


@blueprint.route(SHOW)
def show(event_ref: str, show_ref: str) -> ResponseReturnValue:
    """For an owner the newest version that was given out; for those who plan or run the table as it stands. `?edit=` opens
    a row, `?add=` an empty one behind a row or (`end`) at the end, `?rehearse=1` shows the ticks."""
    event, found = open_show(event_ref, show_ref)
    if not policy.may_read(current_user, event):
        return show_version(event_ref, show_ref, found.number)
    form, opened, after = None, None, None
    if policy.may_plan(current_user, event):
        opened, after = _asked_cue(found, "edit"), _asked_cue(found, "add")
        if opened is not None or request.args.get("add"):
            form = _cue_form(event, opened)
    return _table(event, found, form, opened, after)


def _asked_cue(show_: Show, name: str) -> Cue | None:
    ref = request.args.get(name, "")[:16]
    return queries.find_cue(show_, ref) if ref else None


def _table(
    event: Event, show_: Show, form: CueForm | None = None, opened: Cue | None = None, after: Cue | None = None
) -> ResponseReturnValue:
    now = clock.now()
    cues = queries.list_cues(show_)
    sight = queries.sight_of(current_user, event, cues)
    versions = queries.list_versions(show_)
    told = queries.rows_for(cues, sight)
    return render_template(
        "shows/show.html",
        event=event,
        show=show_,
        rows=list(zip(cues, told, strict=True)),
        outlook=queries.find_outlook(show_, cues, now),
        hidden={each.ref for each in told if each.is_masked},
        versions=versions,
        is_changed=bool(versions) and versions[0].rows != [rows.frozen(rows.row_of(each)) for each in cues],
        departments=papers.DEPARTMENTS,
        rules=PRECEDENCE_LABELS,
        days=papers.days_of(show_),
        form=form,
        opened=opened,
        after=after,
        publish=PublishForm(),
        may_plan=policy.may_plan(current_user, event),
        may_run=policy.may_run(current_user, event),
        sees_names=policy.sees_names(current_user, event),
        rehearses=request.args.get("rehearse") == "1" and policy.may_run(current_user, event),
    ), form.status if form is not None else 200


def _cue_form(event: Event, cue: Cue | None) -> CueForm:
    form = CueForm(obj=cue)
    form.owner_ref.offer(list_choosable_people(), nothing=_("nobody yet"), chosen=cue.owner if cue else None)
    known = queries.list_linkable(current_user, event)
    linked = (cue.award or cue.tally or cue.slot or cue.pledge) if cue else None
    if linked is not None and linked not in known:
        known.append(linked)
    words = {each: queries.linked_words(each) for each in known}
    held = ceremonies.list_ceremonies(event)
    words |= {each: _("Ceremony: %(title)s", title=each.display_title) for each in held}
    form.about.offer_in_words(words, nothing=_("nothing of its own"))
    if cue is not None:
        form.show_record(cue, linked or next((each for each in held if each.id == cue.ceremony_id), None))
    return form


@blueprint.route(f"{SHOW}/cues", methods=["POST"])
def add_cue(event_ref: str, show_ref: str) -> ResponseReturnValue:
    event, found = planned_show(event_ref, show_ref)
    after = _asked_cue(found, "after")
    form = _cue_form(event, None)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_cue(
                found, actor=current_user, after=after, reason=form.reason.data, **form.act_values(event)
            ),
            then=url_of_cue,
            said=lambda cue: _("Cue %(number)s stands in the table.", number=cue.number),
        )
        if answer is not None:
            return answer
    return _table(event, found, form, None, after)


@blueprint.route(f"{SHOW}/cues/<ref:cue_ref>", methods=["POST"])
def edit_cue(event_ref: str, show_ref: str, cue_ref: str) -> ResponseReturnValue:
    event, found, cue = _cue(event_ref, show_ref, cue_ref)
    form = _cue_form(event, cue)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_cue(
                cue, actor=current_user, version=form.opened_version, reason=form.reason.data, **form.act_values(event)
            ),
            then=url_of_cue,
            said=lambda done: _("Cue %(number)s is changed.", number=done.number),
        )
        if answer is not None:
            return answer
    return _table(event, found, form, cue)


def _cue(event_ref: str, show_ref: str, cue_ref: str) -> tuple[Event, Show, Cue]:
    event, found = planned_show(event_ref, show_ref)
    return event, found, queries.find_cue(found, cue_ref) or abort(404)


@blueprint.route(f"{SHOW}/cues/<ref:cue_ref>/move", methods=["POST"])
def move_cue(event_ref: str, show_ref: str, cue_ref: str) -> ResponseReturnValue:
    _event, _found, cue = _cue(event_ref, show_ref, cue_ref)
    down = request.form.get("to") == "down"
    reason = one_line(request.form.get("reason", ""))[:500]
    return press(lambda: services.move_cue(cue, actor=current_user, down=down, reason=reason), row_open(cue))


@blueprint.route(f"{SHOW}/cues/<ref:cue_ref>/removal", methods=["POST"])
def remove_cue(event_ref: str, show_ref: str, cue_ref: str) -> ResponseReturnValue:
    _event, found, cue = _cue(event_ref, show_ref, cue_ref)
    said = _("Cue %(number)s is out of the table.", number=cue.number)
    return press(lambda: services.remove_cue(cue, actor=current_user), url_of(found), said, refused=row_open(cue))


@blueprint.route(f"{SHOW}/cues/<ref:cue_ref>/rehearsal", methods=["POST"])
def rehearse(event_ref: str, show_ref: str, cue_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_run(current_user, event))
    found = queries.find_show(event, show_ref) or abort(404)
    cue = queries.find_cue(found, cue_ref) or abort(404)
    done = request.form.get("done") == "yes"
    return press(lambda: services.rehearse(cue, actor=current_user, done=done), url_of_cue(cue, rehearse="1"))


@blueprint.route(f"{SHOW}/numbers", methods=["POST"])
def renumber(event_ref: str, show_ref: str) -> ResponseReturnValue:
    _event, found = planned_show(event_ref, show_ref)
    return press(
        lambda: services.renumber(found, actor=current_user), url_of(found), _("All cues are numbered anew by block.")
    )


@blueprint.route(f"{SHOW}/shortening", methods=["POST"])
def shorten(event_ref: str, show_ref: str) -> ResponseReturnValue:
    _event, found = planned_show(event_ref, show_ref)
    return press(
        lambda: services.shorten(found, actor=current_user),
        url_of(found),
        lambda number: ngettext("One cue is shorter now.", "%(num)s cues are shorter now.", number),
    )


# --- ready blocks -------------------------------------------------------------------------------------------------


@blueprint.route(f"{SHOW}/blocks/signing", methods=["GET", "POST"])
def add_signing(event_ref: str, show_ref: str) -> ResponseReturnValue:
    """Choose pledges; the people are called by rank, unless other numbers are given, with a reason."""
    event, found = planned_show(event_ref, show_ref)
    rounds = queries.list_rounds(event)
    round_ = next((each for each in rounds if each.ref == request.args.get("round", "")), None)
    pledges = queries.list_pledges_to_sign(event, round_)
    usual = blocks.calling_order(found, pledges)
    form = SigningBlockForm()
    form.pledges.choices = [(each.ref, each.title) for each in pledges]
    if form.validate_on_submit():
        chosen = [each for each in pledges if each.ref in (form.pledges.data or [])]
        slots = [each for each in usual if each.pledge in chosen]
        at = {each.id: number for number, each in enumerate(slots)}
        order = sorted(slots, key=lambda each: (_wanted(each.ref, at[each.id] + 1), at[each.id]))
        answer = form.attempt(
            lambda: blocks.add_signing_block(
                found, actor=current_user, pledges=chosen, order=order, reason=form.reason.data
            ),
            then=lambda made: url_of_cue(made[0]),
            said=_("The signing stands in the table."),
        )
        if answer is not None:
            return answer
    return render_template(
        "shows/signing.html", event=event, show=found, form=form, rounds=rounds, round=round_, pledges=pledges,
        order=usual, wanted=request.form.get, picture=_picture(5, found.precedence), rules=PRECEDENCE_LABELS,
        chosen=set(form.pledges.data or []) if form.is_submitted() else {each.ref for each in pledges},
    ), form.status  # fmt: skip


def _wanted(slot_ref: str, usual: int) -> float:
    raw = request.form.get(f"rank-{slot_ref}", "").strip()
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 5 else usual


@blueprint.route(f"{SHOW}/blocks/tally", methods=["GET", "POST"])
def add_tally(event_ref: str, show_ref: str) -> ResponseReturnValue:
    event, found = planned_show(event_ref, show_ref)
    form = TallyBlockForm()
    form.tally_ref.offer(queries.list_tallies(event), nothing=_("Choose one"))
    if form.validate_on_submit():

        def act() -> list[Cue]:
            if form.tally_ref.record is None:
                raise Refused(_("Choose the tally that is conferred."), field="tally_ref")
            return blocks.add_tally_block(found, actor=current_user, tally=form.tally_ref.record)

        answer = form.attempt(act, then=lambda made: url_of_cue(made[0]), said=_("The conferral stands in the table."))
        if answer is not None:
            return answer
    return _block_page(event, found, form, "tally")


@blueprint.route(f"{SHOW}/blocks/award", methods=["GET", "POST"])
def add_award(event_ref: str, show_ref: str) -> ResponseReturnValue:
    event, found = planned_show(event_ref, show_ref)
    require(policy.sees_names(current_user, event))
    form = AwardBlockForm()
    form.award_ref.offer(queries.list_awards_to_give(event), nothing=_("Choose one"))
    if form.validate_on_submit():

        def act() -> list[Cue]:
            if form.award_ref.record is None:
                raise Refused(_("Choose the award that is given."), field="award_ref")
            return blocks.add_award_block(
                found,
                actor=current_user,
                award=form.award_ref.record,
                presenters_on_stage=form.presenters_on_stage.data,
            )

        answer = form.attempt(act, then=lambda made: url_of_cue(made[0]), said=_("The award stands in the table."))
        if answer is not None:
            return answer
    return _block_page(event, found, form, "award")


def _block_page(event: Event, found: Show, form: Any, kind: str) -> ResponseReturnValue:
    return render_template("shows/block.html", event=event, show=found, form=form, kind=kind), form.status


@blueprint.route(f"{SHOW}/import", methods=["GET", "POST"])
def import_rows(event_ref: str, show_ref: str) -> ResponseReturnValue:
    event, found = planned_show(event_ref, show_ref)
    form, wrong = ImportForm(), []
    if form.validate_on_submit():
        try:
            table = read_table(form.file.data.filename, form.file.data.read())  # outside the unit of work
        except SheetRefused as refusal:
            form.refuse(Refused(refusal.sentence, field="file"))
        else:
            people = list_choosable_people()
            answer = _imported(form, found, table, people, wrong)
            if answer is not None:
                return answer
    return render_template(
        "shows/import.html", event=event, show=found, form=form, wrong=wrong, fields=importing.FIELDS
    ), form.status


def _imported(form: ImportForm, found: Show, table: Any, people: Any, wrong: list[tuple[int, str]]) -> Any:
    def act() -> list[Cue]:
        try:
            return importing.import_rows(found, table, actor=current_user, people=people)
        except RowsRefused as refusal:
            wrong.extend(refusal.rows)
            raise

    left_out = importing.unread(table)

    def said(made: list[Cue]) -> str:
        came = ngettext("One row came in.", "%(num)s rows came in.", len(made))
        if not left_out:
            return came
        return _("%(came)s Nothing was read from these columns: %(columns)s.", came=came, columns=", ".join(left_out))

    return form.attempt(act, then=lambda made: url_of_cue(made[0]), said=said)


# --- versions -----------------------------------------------------------------------------------------------------


@blueprint.route(f"{SHOW}/versions", methods=["POST"])
def publish(event_ref: str, show_ref: str) -> ResponseReturnValue:
    event, found = planned_show(event_ref, show_ref)
    form = PublishForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.publish(found, actor=current_user, note=form.note.data),
            then=url_of(found),
            said=lambda made: _("Version %(number)s is given out.", number=made.number),
        )
        if answer is not None:
            return answer
    return render_template("shows/publish.html", event=event, show=found, form=form), form.status


@blueprint.route(f"{SHOW}/versions/<int:number>")
def show_version(event_ref: str, show_ref: str, number: int) -> ResponseReturnValue:
    event, found, version = _version(event_ref, show_ref, number)
    told = queries.rows_of_version(version, _sight(event))
    me = person_of(current_user)
    return render_template(
        "shows/version.html",
        event=event,
        show=found,
        version=version,
        rows=told,
        mine=next((each.owner for each in told if me is not None and each.owner_ref == me.ref), None),
        departments=papers.DEPARTMENTS,
        may_read=policy.may_read(current_user, event),
    )


def _version(event_ref: str, show_ref: str, number: int) -> tuple[Event, Show, ShowVersion]:
    """An owner reads the newest one; the older ones are for those who plan, run or oversee."""
    event, found = open_show(event_ref, show_ref)
    if number != found.number:
        require(policy.may_read(current_user, event))
    version = queries.find_version(found, number) if number < 100_000 else None
    return event, found, version or abort(404)


def _sight(event: Event) -> rows.Sight:
    if policy.sees_names(current_user, event):
        return rows.Sight(sees_all=True)
    return queries.sight_of_paper(event)


@blueprint.route(f"{SHOW}/comparison")
def compare(event_ref: str, show_ref: str) -> ResponseReturnValue:
    """Any two: `?from=1&to=2`; without a number, the table as it stands."""
    event, found = open_show(event_ref, show_ref)
    require(policy.may_read(current_user, event))
    versions = queries.list_versions(found)
    by_number = {str(each.number): each for each in versions}
    newest = str(versions[0].number) if versions else ""
    old = by_number.get(request.args.get("from", newest))
    new = by_number.get(request.args.get("to", ""))
    sight = _sight(event)

    def of(version: ShowVersion | None) -> list[rows.Row]:
        if version is None:
            return queries.rows_for(queries.list_cues(found), sight)
        return queries.rows_of_version(version, sight)

    return render_template(
        "shows/compare.html", event=event, show=found, versions=versions, old=old, new=new,
        differences=rows.compare(of(old), of(new)), labels=rows.FIELD_LABELS, words=rows.value_words,
    )  # fmt: skip


# --- paper --------------------------------------------------------------------------------------------------------


@blueprint.route(f"{SHOW}/print")
def print_page(event_ref: str, show_ref: str) -> ResponseReturnValue:
    """The same sheets to print from the browser; the heading row, with the version, comes again on each page."""
    print_ = _print(event_ref, show_ref, request.args.get("department", papers.WHOLE))
    return render_template("shows/print.html", event=print_.show.event, print=print_, columns=papers.columns(print_))


@blueprint.route(f"{SHOW}/<any(whole, sound, light, screen, props, script, owner):department>.pdf")
def paper(event_ref: str, show_ref: str, department: str) -> ResponseReturnValue:
    print_ = _print(event_ref, show_ref, department)
    body = render_pdf("list", papers.sheet(print_), lang=language_tag())
    return _file(body, PDF_TYPE, f"{_file_name(print_)}.pdf")


@blueprint.route(f"{SHOW}/table.xlsx")
def workbook(event_ref: str, show_ref: str) -> ResponseReturnValue:
    print_ = _print(event_ref, show_ref, papers.WHOLE)
    return _file(papers.workbook(print_), XLSX_TYPE, f"{_file_name(print_)}.xlsx")


def _print(event_ref: str, show_ref: str, department: str) -> papers.Print:
    """What is printed is handed on, so names under embargo are in it only where they were asked for (`?names=1`) by
    somebody who may know them. `?version=` is a number or `working`; without it the newest that was given out."""
    event, found = open_show(event_ref, show_ref)
    asked = request.args.get("version", "")
    working = asked == "working" or found.number == 0
    if working:
        require(policy.may_read(current_user, event))
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else found.number
    version = None if working else _version(event_ref, show_ref, number)[2]
    names = request.args.get("names") == "1" and policy.sees_names(current_user, event)
    sight = rows.Sight(sees_all=True) if names else queries.sight_of_paper(event)
    told = (
        queries.rows_for(queries.list_cues(found), sight)
        if version is None
        else queries.rows_of_version(version, sight)
    )
    return papers.Print(
        found, told, version, clock.now(), department if department in papers.DEPARTMENTS else papers.WHOLE,
        owner=request.args.get("owner", "")[:200] if department == papers.OWNER else "", names=names,
    )  # fmt: skip


def _file_name(print_: papers.Print) -> str:
    version = print_.version.number if print_.version else _("working copy")
    return _(
        "Run of show %(title)s, %(department)s, version %(version)s", title=print_.show.display_title,
        department=papers.DEPARTMENTS[print_.department], version=version,
    )  # fmt: skip


def _file(body: bytes, media_type: str, name: str) -> Response:
    """To be kept by the browser, and by nobody between: the next one may not see the same."""
    response = make_response(body)
    response.content_type = media_type
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
    response.headers["Content-Disposition"] = f"attachment; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
