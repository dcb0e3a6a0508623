"""The pledges of a year's teams: a table to fill, a look at what stands against each row, then all of them at once."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import filled
from app.core.i18n import ngettext
from app.core.text import one_line
from app.events.pages import open_event
from app.pledges import policy, queries
from app.pledges.forms import ManyForm
from app.pledges.models import PledgeRound
from app.pledges.services import bulk
from app.pledges.views.frame import blueprint
from app.speeches.queries import list_possible_speakers

LONGEST_TITLE = 200


@blueprint.route("/events/<ref:event_ref>/pledge-rounds/<ref:round_ref>/drafts", methods=["GET", "POST"])
def draft_many(event_ref: str, round_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    round_ = queries.find_round(event, round_ref) or abort(404)
    require(policy.may_prepare(current_user, event))
    form = ManyForm(list_possible_speakers(event))
    candidates = bulk.list_candidates(event, round_)
    rows = sent_rows(candidates) if form.is_submitted() else first_rows(candidates)
    looked = False
    if form.validate_on_submit():
        common = common_of(form, round_)
        looked = True
        if request.form.get("do") == "draft":
            answer = form.attempt(
                lambda: bulk.draft_many(event, common, list(rows.values()), actor=current_user),
                then=url_for("pledges.list_pledges", event_ref=event.ref, round=round_.ref),
                said=lambda made: ngettext("%(num)d draft is there.", "%(num)d drafts are there.", len(made)),
            )
            if answer is not None:
                return answer
        bulk.look(event, common, list(rows.values()))
    return render_template(
        "pledges/many.html", event=event, round=round_, form=form, candidates=candidates, rows=rows, looked=looked,
        ready=looked and bool(rows) and not any(each.refusals for each in rows.values()),
    ), form.status  # fmt: skip


def first_rows(candidates: list[bulk.Candidate]) -> dict[str, bulk.Row]:
    """Before anything was sent: every team without a pledge here, with whoever leads it."""
    return {
        each.team.ref: bulk.Row(each.team, each.title, next(iter(each.people), None), each.campaign)
        for each in candidates
        if each.present is None
    }


def sent_rows(candidates: list[bulk.Candidate]) -> dict[str, bulk.Row]:
    """The teams whose boxes are checked, each with one of its own people."""
    chosen = set(request.form.getlist("team"))
    return {
        each.team.ref: bulk.Row(
            each.team,
            one_line(request.form.get(f"title-{each.team.ref}", ""))[:LONGEST_TITLE],
            next((one for one in each.people if one.ref == request.form.get(f"pledger-{each.team.ref}")), None),
            each.campaign,
        )
        for each in candidates
        if each.team.ref in chosen
    }


def common_of(form: ManyForm, round_: PledgeRound) -> bulk.Common:
    return bulk.Common(
        round=round_, template=filled(form.templates.get(form.template_ref.data)), language=form.language.data,
        deadline=form.deadline.data, sign_by=form.sign_by.data, witness=form.people.get(form.witness_ref.data),
        countersigner=form.people.get(form.countersigner_ref.data),
    )  # fmt: skip
