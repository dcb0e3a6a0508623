"""The console, for those who call the cues, and the screen in the hall, for whoever has its link."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from app.ceremonies import queries as ceremonies
from app.ceremonies.models import CeremonyKind
from app.core import clock
from app.core.config import settings_now
from app.core.errors import Forbidden, require
from app.core.forms import PressForm, press
from app.core.guards import public
from app.core.i18n import LANGUAGES, _, force_locale, language_tag
from app.documents.markdown import to_html
from app.documents.qr import qr_svg
from app.events.pages import open_event
from app.files import services as files
from app.programme.calendar import Shelf, etag_of
from app.shows import policy as show_policy
from app.shows import queries as shows
from app.shows.models import CUE_STATUS_LABELS, Cue, CueStatus, Show
from app.shows.slips import late_by
from app.stage import links, marks, policy, queries, reveals, services
from app.stage.forms import KINDS, MarkForm
from app.stage.models import MarkKind, Reveal, Stage
from app.stage.pictures import picture_of

blueprint = Blueprint("stage", __name__)

CONSOLE = "/events/<ref:event_ref>/shows/<ref:show_ref>/console"
SCREEN = "/screen/<token>"
SHELF = Shelf(100)  # pictures, by what they were made from: five hundred screens cost as much as one


def _open(event_ref: str, show_ref: str, *, to_write: bool = True) -> Show:
    event = open_event(event_ref)
    show = shows.find_show(event, show_ref) or abort(404)
    if to_write:
        require(policy.may_call(current_user, event))
    elif not policy.may_watch(current_user, event):
        raise Forbidden
    return show


def _stage(show: Show) -> Stage:
    return queries.find_stage(show) or abort(404)


def _cue(show: Show, ref: str) -> Cue:
    return queries.find_cue(show, ref) or abort(404)


def page_of(show: Show, endpoint: str = "console", **more: Any) -> str:
    return url_for(f"stage.{endpoint}", event_ref=show.event.ref, show_ref=show.ref, **more)


# --- the console --------------------------------------------------------------------------------------------------


@blueprint.route(CONSOLE)
def console(event_ref: str, show_ref: str) -> ResponseReturnValue:
    """The table, what is on, what is next. A script keeps what is pressed until the line takes it."""
    show = _open(event_ref, show_ref, to_write=False)
    stage = queries.find_stage(show)
    form = MarkForm(entry=str(uuid4()))
    return render_template("stage/console.html", form=form, kinds=KINDS, **_told(show, stage))


@blueprint.route(f"{CONSOLE}/state")
def state(event_ref: str, show_ref: str) -> ResponseReturnValue:
    """What another operator has pressed since. Drawn only when something has changed."""
    show = _open(event_ref, show_ref, to_write=False)
    stage = queries.find_stage(show)
    told = _told(show, stage)
    response = make_response()
    tag = _tag(told)
    response.set_etag(tag)
    if tag in request.if_none_match:
        response.status_code = 304
        return response
    response.set_data(render_template("stage/state.html", **told))
    return response


def _told(show: Show, stage: Stage | None) -> dict[str, Any]:
    now = clock.now()
    cues = queries.list_cues(show)
    outlook = shows.find_outlook(show, cues, now)
    names = show_policy.sees_names(current_user, show.event)
    revealed = queries.list_revealed(stage) if stage is not None else set()
    lines = queries.lines_of(stage, cues, outlook, names=names, revealed=revealed)
    return {
        "event": show.event,
        "show": show,
        "stage": stage,
        "lines": lines,
        "current": [each for each in lines if each.cue.status == CueStatus.CALLED and each.cue.ended_at is None],
        "following": next((each for each in lines if each.is_next), None),
        "reveal": queries.find_open_reveal(stage, now) if stage is not None else None,
        "overruns": outlook.overruns,
        "late": int(late_by(show, outlook, cues).total_seconds() // 60),
        "statuses": CUE_STATUS_LABELS,
        "names": names,
        "may_call": policy.may_call(current_user, show.event),
        "may_reveal": policy.may_reveal(current_user, show.event),
        "now": now,
    }


def _tag(told: dict[str, Any]) -> str:
    stage, reveal = told["stage"], told["reveal"]
    rows = [
        (
            line.cue.ref, line.cue.version, line.cue.position, line.cue.status, line.cue.began_at, line.cue.ended_at,
            line.cue.skip_reason, line.expected_at, line.late, line.is_on_screen, line.is_next, line.is_secret,
            line.row.is_masked, line.waits_for_tally, line.cue.is_withheld,
            line.cue.pledge.signed_count if line.cue.pledge else 0,
        )
        for line in told["lines"]
    ]  # fmt: skip
    held = (stage.version, stage.picture, stage.run, stage.ended_at, stage.screen_token_hash) if stage else ()
    asked = (reveal.ref, current_user.id) if reveal is not None else ()
    return etag_of("console", told["show"].version, held, asked, rows, language_tag(), told["may_call"])


@blueprint.route(f"{CONSOLE}/marks")
def list_marks(event_ref: str, show_ref: str) -> ResponseReturnValue:
    """Everything that was pressed, by whom, when it was said to be and when it arrived."""
    show = _open(event_ref, show_ref, to_write=False)
    stage = queries.find_stage(show)
    return render_template(
        "stage/marks.html", event=show.event, show=show, kinds=KINDS, marks=queries.list_marks(stage) if stage else [],
        names=show_policy.sees_names(current_user, show.event),
    )  # fmt: skip


@blueprint.route(f"{CONSOLE}/cues/<ref:cue_ref>", methods=["GET", "POST"])
def mark(event_ref: str, show_ref: str, cue_ref: str) -> ResponseReturnValue:
    """Marks of one cue: called, done, skipped, taken back, corrected. A script sends what it kept and asks for JSON."""
    show = _open(event_ref, show_ref)
    cue = _cue(show, cue_ref)
    form = MarkForm()
    if form.validate_on_submit():
        stage = _stage(show)
        kind = MarkKind(form.kind.data)
        answer = form.attempt(
            lambda: marks.mark(
                stage, cue, actor=current_user, entry=form.entry.data or str(uuid4()), kind=kind,
                at=form.marked_at, run=form.run.data or None, values=form.mark_values(),
            ),
            page_of(show),
        )  # fmt: skip
        if answer is not None:
            return jsonify(taken=True) if _wants_json() else answer
    elif not form.is_submitted():
        form.entry.data = str(uuid4())
        form.fill(cue, names=_written(cue) if show_policy.sees_names(current_user, show.event) else None)
    if _wants_json() and form.is_submitted():
        return jsonify(sentence=form.sentence()), form.status
    names = show_policy.sees_names(current_user, show.event)
    row = next(iter(shows.rows_for([cue], shows.sight_of(current_user, show.event, [cue]))))
    return render_template(
        "stage/cue.html", event=show.event, show=show, cue=cue, row=row, form=form, names=names,
        statuses=CUE_STATUS_LABELS,
    ), form.status  # fmt: skip


def _written(cue: Cue) -> str:
    if cue.award is None:
        return ""
    return queries.spelling_of(cue) or "\n".join(each.display_name for each in cue.award.recipients)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _act(show: Show, act: Callable[[], Any], said: Any = None) -> ResponseReturnValue:
    """One press that makes sense only now: it is not kept for later, and a script is told why it was refused."""
    if not _wants_json():
        return press(act, page_of(show), said)
    form = PressForm()
    if form.validate_on_submit():
        answer = form.attempt(act, page_of(show))
        if answer is not None:
            return jsonify(taken=True)
    return jsonify(sentence=form.refusal or _("That did not work. Please try again.")), max(form.status, 422)


@blueprint.route(f"{CONSOLE}/beginning", methods=["POST"])
def begin(event_ref: str, show_ref: str) -> ResponseReturnValue:
    show = _open(event_ref, show_ref)
    return _act(show, lambda: services.begin(show, actor=current_user), _("The evening has begun."))


@blueprint.route(f"{CONSOLE}/rehearsal", methods=["POST"])
def rehearse(event_ref: str, show_ref: str) -> ResponseReturnValue:
    show = _open(event_ref, show_ref)
    return _act(show, lambda: services.begin(show, actor=current_user, rehearsal=True), _("The rehearsal has begun."))


@blueprint.route(f"{CONSOLE}/ending", methods=["POST"])
def end(event_ref: str, show_ref: str) -> ResponseReturnValue:
    show = _open(event_ref, show_ref)
    stage = _stage(show)
    return _act(show, lambda: services.end(stage, actor=current_user), _("It is over. The screen rests."))


@blueprint.route(f"{CONSOLE}/screen/blanking", methods=["POST"])
def blank(event_ref: str, show_ref: str) -> ResponseReturnValue:
    show = _open(event_ref, show_ref)
    stage = _stage(show)
    return _act(show, lambda: services.blank(stage, actor=current_user))


@blueprint.route(f"{CONSOLE}/screen/resting", methods=["POST"])
def rest(event_ref: str, show_ref: str) -> ResponseReturnValue:
    show = _open(event_ref, show_ref)
    stage = _stage(show)
    return _act(show, lambda: services.rest(stage, actor=current_user))


@blueprint.route(f"{CONSOLE}/cues/<ref:cue_ref>/showing", methods=["POST"])
def show_again(event_ref: str, show_ref: str, cue_ref: str) -> ResponseReturnValue:
    show = _open(event_ref, show_ref)
    stage, cue = _stage(show), _cue(show, cue_ref)
    return _act(show, lambda: services.show_again(stage, cue, actor=current_user))


@blueprint.route(f"{CONSOLE}/cues/<ref:cue_ref>/reveal", methods=["POST"])
def ask_reveal(event_ref: str, show_ref: str, cue_ref: str) -> ResponseReturnValue:
    show = _open(event_ref, show_ref)
    stage, cue = _stage(show), _cue(show, cue_ref)
    require(policy.may_reveal(current_user, show.event))
    return _act(show, lambda: reveals.ask_reveal(stage, cue, actor=current_user))


def _reveal(show: Show, ref: str) -> Reveal:
    return queries.find_reveal(_stage(show), ref) or abort(404)


@blueprint.route(f"{CONSOLE}/reveals/<ref:reveal_ref>/confirmation", methods=["POST"])
def confirm_reveal(event_ref: str, show_ref: str, reveal_ref: str) -> ResponseReturnValue:
    show = _open(event_ref, show_ref)
    require(policy.may_reveal(current_user, show.event))
    reveal = _reveal(show, reveal_ref)
    held = ceremonies.find_held(show.event, CeremonyKind.AWARDING, show.session_id)
    return _act(show, lambda: reveals.confirm_reveal(reveal, actor=current_user, ceremony=held))


@blueprint.route(f"{CONSOLE}/reveals/<ref:reveal_ref>/dropping", methods=["POST"])
def drop_reveal(event_ref: str, show_ref: str, reveal_ref: str) -> ResponseReturnValue:
    show = _open(event_ref, show_ref)
    reveal = _reveal(show, reveal_ref)
    return _act(show, lambda: reveals.drop_reveal(reveal, actor=current_user))


@blueprint.route(f"{CONSOLE}/cues/<ref:cue_ref>/tally", methods=["POST"])
def confer_tally(event_ref: str, show_ref: str, cue_ref: str) -> ResponseReturnValue:
    show = _open(event_ref, show_ref)
    stage, cue = _stage(show), _cue(show, cue_ref)
    require(policy.may_reveal(current_user, show.event))
    held = ceremonies.find_held(show.event, CeremonyKind.TALLY_CONFERRAL, show.session_id)
    return _act(show, lambda: reveals.confer_tally(stage, cue, actor=current_user, ceremony=held))


# --- the link of the screen ---------------------------------------------------------------------------------------


@blueprint.route(f"{CONSOLE}/link", methods=["GET", "POST"])
def link(event_ref: str, show_ref: str) -> ResponseReturnValue:
    """The address that the computer in the hall opens, as words and as a code to scan."""
    show = _open(event_ref, show_ref)
    if request.method == "POST":
        said = _("The link is made. One that was given out before leads nowhere now.")
        return press(lambda: services.make_link(show, actor=current_user), page_of(show, "link"), said)
    stage = queries.find_stage(show)
    address, code = None, None
    if stage is not None and stage.screen_token_hash is not None:
        base = settings_now().base_url.rstrip("/")
        address = base + url_for("stage.screen", token=links.token_of(stage))
        code = qr_svg(address, title=_("Link of the hall's screen"), scale=5)
    return render_template(
        "stage/link.html", event=show.event, show=show, address=address, qr=code, languages=LANGUAGES
    )


@blueprint.route(f"{CONSOLE}/link/ending", methods=["POST"])
def end_link(event_ref: str, show_ref: str) -> ResponseReturnValue:
    show = _open(event_ref, show_ref)
    stage = _stage(show)
    return press(
        lambda: services.end_link(stage, actor=current_user), page_of(show, "link"), _("The link leads nowhere now.")
    )


# --- the hall -----------------------------------------------------------------------------------------------------


@blueprint.route(SCREEN)
@public
def screen(token: str) -> ResponseReturnValue:
    """The whole page, with the picture of this moment in it. Nothing else of the house is there."""
    with force_locale(_language()):
        pulse = queries.pulse_of(token) or abort(404)
        tag, body = _picture(token, pulse)
        drawn = Markup(body.decode())  # noqa: S704  # our own template
        page = current_app.jinja_env.get_template("stage/screen.html").render(
            picture=drawn, tag=tag, theme="dark", demo_banner=False, language=_language(),
            url=url_for("stage.picture", token=token, language=_language()),
        )  # fmt: skip
    response = make_response(page)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is a secret
    return response


@blueprint.route(f"{SCREEN}/picture")
@public
def picture(token: str) -> ResponseReturnValue:
    """What the hall sees. Asked for every second by every screen: one statement, and no body unless it has changed."""
    with force_locale(_language()):
        pulse = queries.pulse_of(token) or abort(404)
        tag = _tag_of(pulse)
        response = Response(mimetype="text/html")
        response.set_etag(tag)
        if tag in request.if_none_match:
            response.status_code = 304
            return response
        response.set_data(_picture(token, pulse)[1])
    return response


def _language() -> str:
    """Of the hall, as its link says; a screen has nobody whose language it could speak."""
    asked = request.args.get("language", "")
    return asked if asked in LANGUAGES else "en"


def _tag_of(pulse: Sequence[Any]) -> str:
    return etag_of("hall", *pulse, language_tag())


def _picture(token: str, pulse: Sequence[Any]) -> tuple[str, bytes]:
    tag = _tag_of(pulse)

    def make() -> bytes:
        stage = queries.find_of_token(token) or abort(404)
        seen = picture_of(stage)
        photograph = ceremonies.find_newest_photograph(seen.ceremony_id) if seen.kind == "photograph" else None
        return (
            current_app.jinja_env.get_template("stage/picture.html")
            .render(picture=seen, words=to_html(seen.words), photograph=photograph, token=token)
            .encode()
        )

    return tag, SHELF.find(tag, make)


@blueprint.route(f"{SCREEN}/photographs/<ref:photograph_ref>")
@public
def photograph(token: str, photograph_ref: str) -> ResponseReturnValue:
    """A photograph of the ceremony that is on the screen at this moment, and no other."""
    stage = queries.find_of_token(token) or abort(404)
    cue = queries.find_cue_with_all(stage.cue_id) if stage.is_on and not stage.is_blank else None
    found = ceremonies.find_newest_photograph(cue.ceremony_id) if cue is not None else None
    if found is None or found.ref != photograph_ref:
        abort(404)
    return Response(files.read(found.file), mimetype=found.file.media_type)
