"""The pages of printing: who needs a card, how it looks, and the files."""

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.badges import papers, policy, printing, queries, services
from app.badges.errors import TooManyPrints
from app.badges.forms import LayoutForm, PrintForm
from app.badges.layouts import PLACEHOLDERS, Layout
from app.badges.models import BADGE_LABELS, BadgeKind, PrintRun
from app.core.errors import Refused, require
from app.core.forms import filled
from app.core.i18n import _, ngettext
from app.core.paging import Page, asked_page
from app.events.models import Event
from app.events.pages import open_event
from app.files import services as files
from app.handouts import shelf
from app.registration.queries import find_registration
from app.signing import keeping

blueprint = Blueprint("badges", __name__)

BADGES = "/events/<ref:event_ref>/badges"
PAPER = f"{BADGES}/<any(badge,tent,table,certificate):paper>"
PREVIEWED = 20  # cards that a picture shows at most


@blueprint.route(BADGES)
def show(event_ref: str) -> ResponseReturnValue:
    """Who needs a card of the kind `paper`, and why; the last files."""
    event = open_event(event_ref)
    require(policy.may_print(current_user, event))
    kind = _kind(request.args.get("paper", ""))
    standing = queries.standing_of(event, kind)
    views = {"needed": standing.needed, "all": standing.cards, "void": standing.void}
    words, view = request.args.get("q", "")[:100], request.args.get("view", "needed")
    rows = views.get(view, standing.needed)
    return render_template(
        "badges/show.html",
        event=event,
        kind=kind,
        standing=standing,
        view=view if view in views else "needed",
        words=words,
        page=_page(queries.filtered(rows, words) if words else rows),
        runs=queries.list_runs(event),
        kinds=BADGE_LABELS,
        need_labels=queries.NEED_LABELS,
    )


@blueprint.route(f"{PAPER}/layout", methods=["GET", "POST"])
def layout(event_ref: str, paper: str) -> ResponseReturnValue:
    """How one kind of card looks, with a picture of it."""
    event = open_event(event_ref)
    require(policy.may_print(current_user, event))
    kind = BadgeKind(paper)
    record = queries.find_record(event, kind)
    now = queries.layout_of(event, kind, record)
    form = LayoutForm(now, record.version if record is not None else None)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_layout(
                event, replace(now, **form.chosen()), actor=current_user, version=form.opened_version
            ),
            then=url_for("badges.layout", event_ref=event.ref, paper=kind),
            said=_("The layout is saved."),
        )
        if answer is not None:
            return answer
    page = render_template(
        "badges/layout.html",
        event=event,
        form=form,
        kind=kind,
        label=BADGE_LABELS[kind],
        layout=now,
        placeholders=[f"{{{name}}}" for name in PLACEHOLDERS[kind]],
    )
    return page, form.status


@blueprint.route(f"{PAPER}/preview.png")
def preview(event_ref: str, paper: str) -> ResponseReturnValue:
    """The first sheet as a picture: of those in the address, else of the first who come, else of made-up people."""
    event = open_event(event_ref)
    require(policy.may_print(current_user, event))
    standing = queries.standing_of(event, BadgeKind(paper))
    cards = _chosen(event, standing)[: 2 * PREVIEWED]
    missing = queries.unprintable_of(cards)
    cards = [each for each in cards if each.ref not in missing][:PREVIEWED] or _samples(event, standing.layout)
    key = shelf.key_of(event, "card", standing.layout, [(each.digest, each.code) for each in cards])
    try:
        picture = shelf.find(key, lambda: papers.draw_picture(event, standing.layout, cards))
    except Refused:
        abort(404)  # the page around it says in words what is wrong
    return Response(picture, mimetype="image/png")


@blueprint.route(f"{PAPER}/print", methods=["GET", "POST"])
def print_cards(event_ref: str, paper: str) -> ResponseReturnValue:
    """What would be printed, with those whose name comes out too small; and the button that prints it."""
    event = open_event(event_ref)
    require(policy.may_print(current_user, event))
    kind = BadgeKind(paper)
    standing = queries.standing_of(event, kind)
    cards = _chosen(event, standing)
    form = PrintForm(standing.layout)
    runs: list[PrintRun] = []
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: runs.extend(_order(event, kind, form)) or runs,
            then=lambda made: _after(event, made),
            said=lambda made: ngettext(
                "%(num)d card is printed.", "%(num)d cards are printed.", sum(len(each.wanted) for each in made)
            ),
        )
        if answer is not None:
            _make(runs)
            return answer
    missing = queries.unprintable_of(cards)
    left_out = [(each, missing[each.ref]) for each in cards if each.ref in missing]
    cards = [each for each in cards if each.ref not in missing]
    page = render_template(
        "badges/print.html",
        event=event,
        kind=kind,
        label=BADGE_LABELS[kind],
        form=form,
        layout=standing.layout,
        cards=cards,
        pages=standing.layout.pages_for(len(cards), standing.layout.start),
        left_out=left_out,
        small=_small(event, standing.layout, cards),
        asked=_asked(),
    )
    answer = make_response(page, form.status)
    if form.status == TooManyPrints.status:
        answer.headers["Retry-After"] = str(TooManyPrints.retry_after)
    return answer


@blueprint.route(f"{BADGES}/runs/<ref:run_ref>")
def run(event_ref: str, run_ref: str) -> ResponseReturnValue:
    """One order: being made, or there to be fetched."""
    event = open_event(event_ref)
    require(policy.may_print(current_user, event))
    found = queries.find_run(event, run_ref) or abort(404)
    answer = make_response(
        render_template("badges/run.html", event=event, run=found, label=BADGE_LABELS[BadgeKind(found.kind)])
    )
    if found.made_at is None and found.failed is None:
        answer.headers["Refresh"] = "3"
    return answer


@blueprint.route(f"{BADGES}/runs/<ref:run_ref>/cards.pdf")
def download(event_ref: str, run_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_print(current_user, event))
    found = queries.find_run(event, run_ref) or abort(404)
    if found.file is None:
        flash(_("This file is not there: it is still being made, or it was removed after two days."), "refused")
        return redirect(url_for("badges.run", event_ref=event.ref, run_ref=found.ref), 303)
    return _pdf(files.read(found.file), found.file.name)


@blueprint.route("/events/<ref:event_ref>/registrations/<ref:registration_ref>/certificate.pdf")
def certificate(event_ref: str, registration_ref: str) -> ResponseReturnValue:
    """A certificate of attendance that was issued, for whom it names and for the organizer."""
    event = open_event(event_ref)
    registration = find_registration(event, registration_ref) or abort(404)
    require(policy.may_fetch_certificate(current_user, registration))
    document = queries.find_certificate(registration) or abort(404)
    return _pdf(keeping.read(document), _("Certificate of attendance.pdf"))


# --- pieces ---------------------------------------------------------------------------------------------------------


def _kind(word: str) -> BadgeKind:
    return BadgeKind(word) if word in set(BadgeKind) else BadgeKind.BADGE


def _asked() -> dict[str, Any]:
    """Whom the address is about, as it goes on to the next page."""
    refs = [each for each in request.args.getlist("registration") if re.fullmatch("[0-9a-z]{16}", each)][:1000]
    if refs:
        return {"registration": refs}
    return {"who": "all" if request.args.get("who") == "all" else "needed"}


def _chosen(event: Event, standing: queries.Standing) -> list[queries.Card]:
    """The cards of those whom the address names. A ref of nobody here is no page; who lost the place has no card."""
    asked = _asked()
    if "registration" not in asked:
        return queries.choose(standing, asked["who"])
    found = queries.choose(standing, "chosen", asked["registration"])
    for ref in set(asked["registration"]) - {each.ref for each in found}:
        _known = find_registration(event, ref) or abort(404)
    return found


def _order(event: Event, kind: BadgeKind, form: PrintForm) -> list[PrintRun]:
    start = filled(form.start.data) if "start" in form else 0
    if kind == BadgeKind.TABLE:
        first, last = filled(form.first.data), filled(form.last.data)
        return services.order_tables(event, first, last, actor=current_user, start=start)
    asked = _asked()
    who, refs = ("chosen", asked["registration"]) if "registration" in asked else (asked["who"], ())
    return services.order(event, kind, actor=current_user, who=who, refs=refs, start=start)


def _after(event: Event, made: list[PrintRun]) -> str:
    if len(made) == 1:
        return url_for("badges.run", event_ref=event.ref, run_ref=made[0].ref)
    return url_for("badges.show", event_ref=event.ref, paper=made[0].kind, _anchor="files")


def _make(runs: list[PrintRun]) -> None:
    """A small file at once, so that it is there when the next page opens; a large one after the answer."""
    for ref, size in [(each.ref, len(each.wanted)) for each in runs]:
        if size <= services.SMALL and len(runs) == 1:
            printing.print_cards(ref)


def _small(event: Event, layout: Layout, cards: list[queries.Card]) -> list[tuple[queries.Card, str]]:
    """Cards on which a text had to go below its smallest size, with that text."""
    if not cards or layout.kind == BadgeKind.TABLE:
        return []
    key = shelf.key_of(event, "told", layout, [each.digest for each in cards])
    try:
        told = json.loads(shelf.find(key, lambda: json.dumps(papers.tell(event, layout, cards)).encode()))
    except Refused as refusal:
        flash(str(refusal.sentence), "refused")
        return []
    return [(cards[each["index"]], "; ".join(each["small"])) for each in told if each["small"]]


def _samples(event: Event, layout: Layout) -> list[queries.Card]:
    if layout.kind == BadgeKind.CERTIFICATE:
        document = papers.sample_certificate(event, layout)
        document.content = {
            name: papers.drawable(each) if isinstance(each, str) else each for name, each in document.content.items()
        }
        return [replace(papers.table_card(event, layout, ""), document=document)]
    return [replace(each, line=papers.drawable(each.line)) for each in papers.sample_cards(event, layout)]


def _page(rows: list[queries.Card]) -> Page[queries.Card]:
    page, per_page = asked_page(request.args)
    last = max(1, -(-len(rows) // per_page))
    page = min(page, last)
    return Page(rows[(page - 1) * per_page : page * per_page], page, per_page, len(rows))


def _pdf(body: bytes, name: str) -> Response:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
    disposition = f"attachment; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"
    return Response(body, mimetype="application/pdf", headers={"Content-Disposition": disposition})
