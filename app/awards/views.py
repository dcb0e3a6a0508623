"""The pages of awards and tallies. Before its conferral an award answers 404 to whoever does not prepare it."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.awards import policy, queries, services
from app.awards.forms import (
    KNOWN,
    AwardForm,
    ConferForm,
    DecisionForm,
    EndForm,
    OutsideForm,
    RecipientForm,
    TrophyForm,
)
from app.awards.models import AWARD_KIND_LABELS, Award, AwardKind, RecipientsKnown
from app.awards.services.deciding import count_standing
from app.awards.services.keeping import OBJECT
from app.ceremonies import queries as ceremonies
from app.core import clock
from app.core.errors import Refused, require
from app.core.forms import HufuForm, filled, press
from app.core.i18n import _, pgettext
from app.custody import policy as custody_policy
from app.custody import queries as custody
from app.custody.queries import Holding
from app.documents.markdown import to_html
from app.events.models import Event
from app.events.pages import open_event
from app.nominations import policy as nominations_policy
from app.nominations import queries as nominations
from app.nominations.models import TO_SCORE
from app.people.queries import list_choosable_teams
from app.provenance import queries as provenance
from app.signing import keeping
from app.speeches.queries import list_possible_speakers

blueprint = Blueprint("awards", __name__)


def find(event: Event, award_ref: str) -> Award:
    return queries.find_visible(current_user, event, award_ref) or abort(404)


def url_of(award: Award) -> str:
    return url_for("awards.show", event_ref=award.event.ref, award_ref=award.ref)


@blueprint.route("/events/<ref:event_ref>/awards")
def list_awards(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    notes = provenance.notes_of(event.ref) if event.source_id else {}
    return render_template(
        "awards/list.html", event=event, awards=queries.list_visible(current_user, event), kinds=AWARD_KIND_LABELS,
        may_record=policy.may_record(current_user, event), note=lambda record, name: provenance.note(notes, record, name),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/awards/new", methods=["GET", "POST"])
def new_award(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    form = AwardForm(ceremonies.list_ceremonies(event))
    if not form.is_submitted():
        form.ceremony_ref.data = request.args.get("ceremony", "")
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_award(event, actor=current_user, kind=AwardKind.AWARD, **form.act_values()),
            then=url_of,
            said=_("It is prepared. Nobody else sees it until it is conferred."),
        )
        if answer is not None:
            return answer
    return render_template("awards/edit.html", event=event, form=form, award=None), form.status


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>")
def show(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    return show_award(event, find(event, award_ref)), 200


def show_award(event: Event, award: Award, sent: HufuForm | None = None) -> str:
    """The page; `sent` is the one of its forms that was refused."""
    notes = provenance.notes_of(event.ref) if event.source_id else {}
    may_record = policy.may_record(current_user, event)
    names = may_record and award.is_pending
    names = names and award.recipients_known == RecipientsKnown.NAMED and award.decided_at is None
    holding, changes, trophy = custody.OFFICE, [], None
    if award.is_conferred:
        holding = custody.holder_now(OBJECT, award.ref)
        changes = [each for each in custody.history(OBJECT, award.ref) if custody_policy.may_see(current_user, each)]
        if isinstance(sent, TrophyForm):
            trophy = sent
        elif custody_policy.may_hand_over(current_user, event, holding.person) and not any(
            each.is_open for each in changes
        ):
            trophy = trophy_form(event, holding)
    form = sent if isinstance(sent, RecipientForm) else None
    outside = sent if isinstance(sent, OutsideForm) else None
    if names:
        form = form or RecipientForm(list_possible_speakers(event), list_choosable_teams())
        outside = outside or OutsideForm()
    return render_template(
        "awards/show.html", event=event, award=award, form=form, outside_form=outside, kinds=AWARD_KIND_LABELS, known=KNOWN,
        ceremony=ceremonies.find_of_id(event, award.ceremony_id), citation=to_html(award.display_citation),
        may_record=may_record, note=lambda name: provenance.note(notes, award, name),
        may_revoke=award.stands and policy.may_revoke(current_user, event),
        may_decline=award.end is None and policy.may_decline(current_user, award),
        holding=holding, changes=changes, trophy_form=trophy,
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/edit", methods=["GET", "POST"])
def edit_award(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    require(policy.may_record(current_user, event))
    if request.method == "GET" and not award.is_pending:
        return redirect(url_of(award))  # an old bookmark: the award's page says what became of it
    form = AwardForm(ceremonies.list_ceremonies(event), award)
    if award.decided_at is not None:
        del form.recipients_known, form.recipients_count
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_award(award, actor=current_user, version=form.opened_version, **form.act_values()),
            then=url_of(award),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("awards/edit.html", event=event, form=form, award=award), form.status


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/recipients", methods=["POST"])
def add_recipient(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    require(policy.may_record(current_user, event))
    form = RecipientForm(list_possible_speakers(event), list_choosable_teams())
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_recipient(award, form.records[form.who.data], actor=current_user), url_of(award)
        )
        if answer is not None:
            return answer
    return show_award(event, award, form), form.status


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/recipients/outside", methods=["POST"])
def add_outside(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    require(policy.may_record(current_user, event))
    form = OutsideForm()
    if form.validate_on_submit():
        who = services.Outside(
            form.outside_name.data or "", form.outside_name_local.data, form.outside_organization.data
        )
        answer = form.attempt(lambda: services.add_recipient(award, who, actor=current_user), url_of(award))
        if answer is not None:
            return answer
    return show_award(event, award, form), form.status


@blueprint.route(
    "/events/<ref:event_ref>/awards/<ref:award_ref>/recipients/<ref:recipient_ref>/remove", methods=["POST"]
)
def remove_recipient(event_ref: str, award_ref: str, recipient_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    recipient = queries.find_recipient(award, recipient_ref) or abort(404)
    require(policy.may_record(current_user, event))
    return press(lambda: services.remove_recipient(recipient, actor=current_user), url_of(award))


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/confer", methods=["GET", "POST"])
def confer(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    require(policy.may_record(current_user, event))
    if request.method == "GET" and not award.is_pending:
        return redirect(url_of(award))
    form = ConferForm(list_possible_speakers(event), min(clock.today(event.time_zone), event.ends_on))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.confer(
                award,
                actor=current_user,
                on=filled(form.on.data),
                by=form.people.get(form.by_ref.data),
                outside=form.outside.data,
            ),
            then=url_of(award),
            said=_("Conferred. Everybody who sees the event sees it now."),
        )
        if answer is not None:
            return answer
    return render_template("awards/confer.html", event=event, award=award, form=form), form.status


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/certificate", methods=["POST"])
def issue_certificate(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    require(policy.may_record(current_user, event))
    return press(
        lambda: services.issue_certificate(award, actor=current_user), url_of(award), _("The certificate is issued.")
    )


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/certificate.pdf")
def certificate(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    document = award.document
    if document is None or not award.is_conferred:
        abort(404)
    try:
        paper = keeping.read(document)
    except Refused as refusal:
        return render_template("awards/unprintable.html", event=event, award=award, refusal=refusal), 422
    headers = {"Content-Disposition": f'attachment; filename="award-{document.code}.pdf"'}
    return Response(paper, mimetype="application/pdf", headers=headers)


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/trophy", methods=["POST"])
def hand_over(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    holding = custody.holder_now(OBJECT, award.ref)
    require(award.is_conferred and custody_policy.may_hand_over(current_user, event, holding.person))
    form = trophy_form(event, holding)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.leave_for_good(award, actor=current_user, condition=form.condition.data)
            if form.stays
            else services.hand_over(
                award, actor=current_user, taker=form.people.get(form.taker_ref.data), place=form.place.data,
                condition=form.condition.data,
            ),
            then=url_of(award),
            said=_("It is written down. It counts when both have confirmed it."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return show_award(event, award, form), form.status


def trophy_form(event: Event, holding: Holding) -> TrophyForm:
    """What is left for good with somebody can only be given back."""
    if holding.for_good:
        return TrophyForm([])
    others = [each for each in list_possible_speakers(event) if each is not holding.person]
    return TrophyForm(others, holding.person if policy.may_record(current_user, event) else None)


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/withdraw", methods=["GET", "POST"])
def withdraw(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    require(policy.may_record(current_user, event))
    return _end(event, award, services.withdraw, _("Withdraw"), _("Nobody else has learnt of it, and nobody will."))


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/decline", methods=["GET", "POST"])
def decline(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    require(policy.may_decline(current_user, award))
    return _end(
        event, award, services.decline, pgettext("award", "Decline"), _("Whoever it was meant for does not want it.")
    )


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/revoke", methods=["GET", "POST"])
def revoke(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    require(policy.may_revoke(current_user, event))
    lead = _("It stays listed as revoked, with your reason, and its certificate tells that it is void.")
    return _end(event, award, services.revoke, pgettext("award", "Revoke"), lead)


def _end(event: Event, award: Award, act: Callable[..., Award], title: str, lead: str) -> ResponseReturnValue:
    form = EndForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: act(award, actor=current_user, reason=form.reason.data or ""), url_of(award), _("Saved.")
        )
        if answer is not None:
            return answer
    return render_template("awards/end.html", event=event, award=award, form=form, title=title, lead=lead), form.status


@blueprint.route("/events/<ref:event_ref>/nominations/categories/<ref:category_ref>/decision", methods=["GET", "POST"])
def decide(event_ref: str, category_ref: str) -> ResponseReturnValue:
    """What the jury gave, and who wins. Those who prepare the ceremony see it, as far as they do not stand near."""
    event = open_event(event_ref)
    require(policy.sees_undecided(current_user, event))
    category = nominations.find_category(event, category_ref) or abort(404)
    require(request.method != "POST" or policy.may_record(current_user, event))
    standings = nominations.list_standings(category)
    near = {
        each.nomination.id
        for each in standings
        if nominations_policy.is_near(current_user, each.nomination, each.kept_out)
    }
    if near:  # the order would tell what the numbers would
        standings.sort(key=lambda each: each.nomination.id)
    form = DecisionForm([each.nomination for each in standings])
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.decide(category, form.chosen, actor=current_user, reason=form.reason.data),
            then=url_for("nominations.category", event_ref=event.ref, category_ref=category.ref),
            said=_("It is decided and under embargo. Write the citation, and confer it on stage."),
        )
        if answer is not None:
            return answer
    before_jury = sum(each.nomination.state in TO_SCORE for each in standings)
    return render_template(
        "awards/decide.html", event=event, category=category, standings=standings, form=form, near=near,
        left=category.winners_most - count_standing(category),
        may_decide=policy.may_record(current_user, event) and not near and policy.is_to_decide(category, before_jury),
    ), form.status  # fmt: skip
