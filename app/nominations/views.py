"""The pages of categories, nominations, jurors and scores. What somebody may not see answers 404."""

import re
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.awards import queries as awards
from app.core import clock
from app.core.errors import require
from app.core.forms import HufuForm, filled, press
from app.core.i18n import _
from app.documents.markdown import to_html
from app.events.models import Event
from app.events.pages import open_event
from app.files.services import read
from app.nominations import policy, queries, services
from app.nominations.forms import (
    CategoryForm,
    EligibilityForm,
    EvidenceForm,
    JurorForm,
    NominationForm,
    RecusalForm,
    ScoreForm,
)
from app.nominations.models import (
    CONFLICT_LABELS,
    NOMINATION_STATE_LABELS,
    NOMINEE_KIND_LABELS,
    TO_SCORE,
    Category,
    Nomination,
    NominationState,
)
from app.nominations.services.sifting import SIFTED
from app.people.queries import list_choosable_people, list_choosable_teams
from app.speeches.queries import list_possible_speakers

blueprint = Blueprint("nominations", __name__)

ALL = "/events/<ref:event_ref>/nominations"
CATEGORY = f"{ALL}/categories/<ref:category_ref>"
ONE = f"{ALL}/<ref:nomination_ref>"


def find_category(event: Event, ref: str) -> Category:
    return queries.find_category(event, ref) or abort(404)


def find(event: Event, ref: str) -> Nomination:
    return queries.find_visible(current_user, event, ref) or abort(404)


def url_of_category(category: Category) -> str:
    return url_for("nominations.category", event_ref=category.event.ref, category_ref=category.ref)


def url_of(nomination: Nomination) -> str:
    return url_for("nominations.show", event_ref=nomination.event.ref, nomination_ref=nomination.ref)


@blueprint.app_context_processor
def supply() -> dict[str, object]:
    return {"nomination_state": lambda each: NOMINATION_STATE_LABELS[policy.told_state(current_user, each)]}


@blueprint.route(ALL)
def list_categories(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(current_user.is_authenticated)
    categories = queries.list_categories(event)
    sees_all = policy.sees_all(current_user, event)
    return render_template(
        "nominations/list.html", event=event, categories=categories, kinds=NOMINEE_KIND_LABELS,
        may_run=policy.may_run(current_user, event), may_propose=policy.may_propose(current_user, event),
        counts=queries.count_of(event) if sees_all else None, today=clock.today(event.time_zone),
        own=[each for each in queries.list_visible(current_user, event) if policy.is_own(current_user, each)],
        judging={each.id for each in categories if policy.juror_of(current_user, each)},
    )  # fmt: skip


@blueprint.route(f"{ALL}/categories/new", methods=["GET", "POST"])
def new_category(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_run(current_user, event))
    form = CategoryForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_category(event, actor=current_user, **form.values()),
            then=url_of_category,
            said=_("The category is there. Name its jury next."),
        )
        if answer is not None:
            return answer
    return render_template("nominations/edit_category.html", event=event, form=form, category=None), form.status


@blueprint.route(f"{CATEGORY}/edit", methods=["GET", "POST"])
def edit_category(event_ref: str, category_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    category = find_category(event, category_ref)
    require(policy.may_run(current_user, event))
    form = CategoryForm(obj=category)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_category(category, actor=current_user, version=form.opened_version, **form.values()),
            then=url_of_category(category),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("nominations/edit_category.html", event=event, form=form, category=category), form.status


@blueprint.route(CATEGORY)
def category(event_ref: str, category_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(current_user.is_authenticated)
    found = find_category(event, category_ref)
    return show_category(event, found, juror_form(event, found)), 200


def juror_form(event: Event, category: Category) -> JurorForm | None:
    if not policy.may_run(current_user, event) or category.decided_at is not None:
        return None
    return JurorForm(list_possible_speakers(event))


def show_category(event: Event, category: Category, form: JurorForm | None) -> str:
    nominations = queries.list_visible(current_user, event, category)
    juror = policy.juror_of(current_user, category)
    sees_all = policy.sees_all(current_user, event)
    recusals = queries.list_recusals(nominations) if juror is not None else {}
    return render_template(
        "nominations/category.html", event=event, category=category, form=form, kinds=NOMINEE_KIND_LABELS,
        nominations=nominations, juror=juror, sees_all=sees_all, may_run=policy.may_run(current_user, event),
        may_propose=policy.may_propose(current_user, event) and category.is_open_on(clock.today(event.time_zone)),
        criteria=to_html(category.display_criteria), eligibility=to_html(category.display_eligibility),
        mine={each.id: queries.score_of(juror, each) for each in nominations} if juror is not None else {},
        kept_out={each.id for each in nominations if juror is not None and (juror.id, each.id) in recusals},
        awards=awards.list_of_category(current_user, category), to_score=TO_SCORE, no_note=lambda _record, _name: None,
    )  # fmt: skip


@blueprint.route(f"{CATEGORY}/removal", methods=["POST"])
def drop_category(event_ref: str, category_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    found = find_category(event, category_ref)
    require(policy.may_run(current_user, event))
    return press(
        lambda: services.drop_category(found, actor=current_user),
        url_for("nominations.list_categories", event_ref=event.ref),
        _("The category is removed."),
        refused=url_of_category(found),
    )


@blueprint.route(f"{CATEGORY}/jurors", methods=["POST"])
def add_juror(event_ref: str, category_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    found = find_category(event, category_ref)
    require(policy.may_run(current_user, event))
    form = JurorForm(list_possible_speakers(event))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_juror(found, form.people[form.person_ref.data], actor=current_user),
            url_of_category(found),
        )
        if answer is not None:
            return answer
    return show_category(event, found, form), form.status


@blueprint.route(f"{CATEGORY}/jurors/<ref:juror_ref>/removal", methods=["POST"])
def remove_juror(event_ref: str, category_ref: str, juror_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    found = find_category(event, category_ref)
    juror = queries.find_juror(found, juror_ref) or abort(404)
    require(policy.may_run(current_user, event))
    return press(lambda: services.remove_juror(juror, actor=current_user), url_of_category(found))


# --- proposals ------------------------------------------------------------------------------------------------------


@blueprint.route(f"{CATEGORY}/propose", methods=["GET", "POST"])
def propose(event_ref: str, category_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    found = find_category(event, category_ref)
    require(policy.may_propose(current_user, event))
    form = NominationForm(found, list_choosable_people(), list_choosable_teams())
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.propose(found, form.nominee, actor=current_user, reason=form.reason.data or ""),
            then=url_of,
            said=_("The draft is kept. Add evidence, then submit it."),
        )
        if answer is not None:
            return answer
    return render_template(
        "nominations/edit.html", event=event, form=form, category=found, nomination=None
    ), form.status


@blueprint.route(f"{ONE}/edit", methods=["GET", "POST"])
def edit(event_ref: str, nomination_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    nomination = find(event, nomination_ref)
    require(policy.may_write(current_user, nomination))
    form = NominationForm(nomination.category, list_choosable_people(), list_choosable_teams(), nomination)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change(
                nomination, form.nominee, actor=current_user, reason=form.reason.data or "", version=form.opened_version
            ),
            then=url_of(nomination),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template(
        "nominations/edit.html", event=event, form=form, category=nomination.category, nomination=nomination
    ), form.status


@blueprint.route(ONE)
def show(event_ref: str, nomination_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    return show_nomination(event, find(event, nomination_ref)), 200


def show_nomination(event: Event, nomination: Nomination, sent: HufuForm | None = None) -> str:
    """The page; `sent` is the one of its forms that was refused."""
    category = nomination.category
    open_now = category.decided_at is None
    draft = nomination.state == NominationState.DRAFT and policy.may_write(current_user, nomination)
    runs = policy.may_run(current_user, event) and not policy.is_own(current_user, nomination) and open_now
    juror = policy.juror_of(current_user, category)
    recusal = queries.list_recusals([nomination]).get((juror.id, nomination.id)) if juror is not None else None
    conflict = queries.conflict_of(juror.person, nomination) if juror is not None else None
    judges = juror is not None and open_now and nomination.state in TO_SCORE and recusal is None and conflict is None
    given = queries.score_of(juror, nomination) if juror is not None else None
    told = policy.told_state(current_user, nomination)
    out = None
    if recusal is not None and not recusal.is_automatic:
        out = recusal.reason
    elif recusal is not None or conflict is not None:
        out = CONFLICT_LABELS[conflict] if conflict is not None else _("you stood near when it was put before the jury")

    def form(kind: type[HufuForm], wanted: bool, *more: object) -> HufuForm | None:
        if isinstance(sent, kind):
            return sent
        return kind(*more) if wanted else None

    return render_template(
        "nominations/show.html", event=event, nomination=nomination, category=category, told=told,
        state_label=NOMINATION_STATE_LABELS[told], reason=to_html(nomination.reason), juror=juror, given=given, out=out,
        own=policy.is_own(current_user, nomination), draft=draft, runs=runs,
        evidence_form=form(EvidenceForm, draft), score_form=form(ScoreForm, judges, given),
        recusal_form=form(RecusalForm, judges), eligibility_form=form(
            EligibilityForm, runs and nomination.state in SIFTED
        ),
        is_open=category.is_open_on(clock.today(event.time_zone)),
    )  # fmt: skip


@blueprint.route(f"{ONE}/evidence", methods=["POST"])
def add_evidence(event_ref: str, nomination_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    nomination = find(event, nomination_ref)
    require(policy.may_write(current_user, nomination))
    form = EvidenceForm()
    if form.validate_on_submit():
        answer = form.attempt(lambda: keep(form, nomination), url_of(nomination), _("The evidence is added."))
        if answer is not None:
            return answer
    return show_nomination(event, nomination, form), form.status


def keep(form: EvidenceForm, nomination: Nomination) -> object:
    upload = form.upload
    if upload is not None:
        upload.stream.seek(0)  # the unit of work may be tried again
    return services.add_evidence(
        nomination, actor=current_user, words=form.words.data or "", url=form.url.data,
        file=upload.stream if upload is not None else None, name=upload.filename if upload is not None else "",
    )  # fmt: skip


@blueprint.route(f"{ONE}/evidence/<ref:merit_ref>/removal", methods=["POST"])
def remove_evidence(event_ref: str, nomination_ref: str, merit_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    nomination = find(event, nomination_ref)
    piece = next((each for each in nomination.evidence if each.ref == merit_ref), None) or abort(404)
    require(policy.may_write(current_user, nomination))
    return press(lambda: services.remove_evidence(piece, actor=current_user), url_of(nomination))


@blueprint.route(f"{ONE}/evidence/<ref:merit_ref>/file")
def download(event_ref: str, nomination_ref: str, merit_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    nomination = find(event, nomination_ref)
    piece = next((each for each in nomination.evidence if each.ref == merit_ref), None)
    if piece is None or piece.file is None:
        abort(404)
    response = Response(read(piece.file), content_type=piece.file.media_type)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", piece.file.name) or "file"
    name = quote(piece.file.name, safe="")
    response.headers["Content-Disposition"] = f"attachment; filename={plain}; filename*=UTF-8''{name}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@blueprint.route(f"{ONE}/submission", methods=["POST"])
def submit(event_ref: str, nomination_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    nomination = find(event, nomination_ref)
    require(policy.may_write(current_user, nomination))
    return press(
        lambda: services.submit(nomination, actor=current_user), url_of(nomination), _("It is submitted. Thank you.")
    )


@blueprint.route(f"{ONE}/recall", methods=["POST"])
def take_back(event_ref: str, nomination_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    nomination = find(event, nomination_ref)
    require(policy.may_write(current_user, nomination))
    return press(
        lambda: services.take_back(nomination, actor=current_user), url_of(nomination), _("It is a draft again.")
    )


@blueprint.route(f"{ONE}/removal", methods=["POST"])
def discard(event_ref: str, nomination_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    nomination = find(event, nomination_ref)
    require(policy.may_write(current_user, nomination))
    return press(
        lambda: services.discard(nomination, actor=current_user),
        url_for("nominations.list_categories", event_ref=event.ref),
        _("The draft is gone."),
        refused=url_of(nomination),
    )


# --- the office and the jury ----------------------------------------------------------------------------------------


@blueprint.route(f"{ONE}/eligibility", methods=["POST"])
def find_eligible(event_ref: str, nomination_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    nomination = find(event, nomination_ref)
    require(policy.may_run(current_user, event) and not policy.is_own(current_user, nomination))
    form = EligibilityForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.find_eligible(
                nomination, actor=current_user, eligible=form.verdict.data == "yes", reason=form.reason.data
            ),
            url_of(nomination),
            _("Saved."),
        )
        if answer is not None:
            return answer
    return show_nomination(event, nomination, form), form.status


@blueprint.route(f"{ONE}/shortlist", methods=["POST"])
def shortlist(event_ref: str, nomination_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    nomination = find(event, nomination_ref)
    require(policy.may_run(current_user, event) and not policy.is_own(current_user, nomination))
    return press(
        lambda: services.shortlist(nomination, actor=current_user), url_of(nomination), _("It is before the jury now.")
    )


@blueprint.route(f"{ONE}/shortlist/removal", methods=["POST"])
def take_off(event_ref: str, nomination_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    nomination = find(event, nomination_ref)
    require(policy.may_run(current_user, event) and not policy.is_own(current_user, nomination))
    return press(lambda: services.take_off(nomination, actor=current_user), url_of(nomination))


@blueprint.route(f"{ONE}/score", methods=["POST"])
def score(event_ref: str, nomination_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    nomination = find(event, nomination_ref)
    juror = policy.juror_of(current_user, nomination.category)
    require(juror is not None)
    given = queries.score_of(juror, nomination) if juror is not None else None
    form = ScoreForm(given)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.score(
                nomination, actor=current_user, score=filled(form.score.data), comment=form.comment.data,
                version=form.opened_version if given is not None else None,
            ),
            then=url_of_category(nomination.category),
            said=_("Your score is kept."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return show_nomination(event, nomination, form), form.status


@blueprint.route(f"{ONE}/recusal", methods=["POST"])
def recuse(event_ref: str, nomination_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    nomination = find(event, nomination_ref)
    require(policy.juror_of(current_user, nomination.category) is not None)
    form = RecusalForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.recuse(nomination, actor=current_user, reason=form.reason.data or ""),
            url_of_category(nomination.category),
            _("You keep out of it. What you gave before is void."),
        )
        if answer is not None:
            return answer
    return show_nomination(event, nomination, form), form.status
