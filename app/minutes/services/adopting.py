"""Earlier minutes as an item on the agenda of a later session, and what that session made of them."""

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _, force_locale
from app.core.roles import Actor
from app.events.models import Audience
from app.minutes import policy
from app.minutes.errors import AlreadyThere, DecidedAlready, WrongStage
from app.minutes.models import Adoption, Minutes, MinutesState, Outcome
from app.minutes.services.reviewing import comment
from app.minutes.services.signing_off import amend
from app.minutes.services.stages import locked, mail
from app.people.models import Clearance
from app.programme import policy as programme_policy
from app.programme import services as programme
from app.programme.models import AgendaItem, ItemKind, Session

MINUTES = 5  # how long the item is thought to take
WIDTH = {Audience.RESTRICTED: 0, Audience.INTERNAL: 1, Audience.PUBLIC: 2}


def propose_adoption(minutes: Minutes, session: Session, *, actor: Actor) -> Adoption:
    """Have a later session adopt these minutes. Who plans the programme puts them on its agenda with the same act."""
    require(policy.may_record(actor, session.event))
    require(policy.may_see(actor, minutes))
    newest = locked(minutes)
    if minutes.state == MinutesState.WITHDRAWN or (not minutes.was_published and newest.stage == MinutesState.DRAFT):
        raise WrongStage(
            _("Only minutes that are in review, approved or published can be adopted."), field="minutes_ref"
        )
    if session.id == minutes.session_id:
        raise Refused(_("A session does not adopt its own minutes. Choose a later one."), field="session_ref")
    if _day(session) < _day(minutes.session):
        raise Refused(
            _("That session was held before the one of these minutes. Choose a later one."), field="session_ref"
        )
    for each in db.session.query(Adoption).filter_by(minutes_id=minutes.id):
        if each.session_id == session.id or each.outcome is None:
            raise AlreadyThere(
                _("These minutes are with the session “%(session)s” already.", session=each.session.display_title),
                field="minutes_ref",
            )
        if each.outcome != Outcome.DEFERRED:
            raise DecidedAlready(_("These minutes were adopted already."), field="minutes_ref")
    adoption = Adoption(minutes=minutes, session=session)
    db.session.add(adoption)
    db.session.flush()
    audit.record(actor, "minutes.adoption_proposed", adoption, scope=session.event, session=session)
    if programme_policy.may_change(actor, session.event):
        put_on_agenda(adoption, actor=actor)
    return adoption


def _day(session: Session):
    return session.day or session.event.starts_on


def put_on_agenda(adoption: Adoption, *, actor: Actor) -> AgendaItem:
    """Make the agenda item. It is an internal one where more people see the programme than may know of the minutes."""
    session, minutes = adoption.session, adoption.minutes
    require(programme_policy.may_change(actor, session.event))
    _hold(adoption)
    if adoption.item is not None:
        raise AlreadyThere(_("This is on the agenda already."))
    wider = WIDTH[Audience(session.event.audience)] > WIDTH[Audience(minutes.event.audience)]
    item = programme.add_item(
        session.event, actor=actor, session=session, kind=ItemKind.REVIEW, minutes=MINUTES,
        title=_title(minutes, "en"), title_local=_title(minutes, "zh_Hans_CN"),
        is_internal=wider or minutes.least_clearance > Clearance.INTERNAL,
    )  # fmt: skip
    adoption.item = item
    adoption.version += 1
    db.session.flush()
    return item


def _title(minutes: Minutes, language: str) -> str:
    with force_locale(language):
        number = minutes.label if minutes.number else minutes.earlier_number or minutes.session.display_title
        return _("Adoption of the minutes %(number)s", number=number)[:200]


def decide_adoption(
    adoption: Adoption, *, actor: Actor, outcome: str, corrections: str | None = None, version: int | None = None
) -> Adoption:
    """Record what the session made of the minutes. What it corrected becomes a new version, or a comment in the review."""
    require(policy.may_record(actor, adoption.event))
    minutes = adoption.minutes
    locked(minutes)
    _hold(adoption)
    if minutes.state == MinutesState.WITHDRAWN:
        raise WrongStage(_("These minutes were withdrawn, so there is nothing to adopt."))
    if adoption.outcome == Outcome.CORRECTED:
        raise DecidedAlready(_("The corrections are on their way already. Put the new version right instead."))
    if outcome not in set(Outcome):
        raise Refused(_("Say what the session did."), field="outcome")
    corrections = (corrections or "").strip() or None
    if outcome == Outcome.CORRECTED and corrections is None:
        raise Refused(_("Say what the session corrected."), field="corrections")
    edit(
        adoption, version=version, outcome=Outcome(outcome), by_name=actor.name, decided_at=clock.now(),
        corrections=corrections if outcome == Outcome.CORRECTED else None,
    )  # fmt: skip
    db.session.flush()
    audit.record(actor, "minutes.adoption_decided", adoption, scope=adoption.event, outcome=outcome)
    if outcome == Outcome.CORRECTED:
        _correct(adoption, actor)
    return adoption


def _correct(adoption: Adoption, actor: Actor) -> None:
    """Where somebody may: begin the amendment, or comment in the review. Whoever recorded the minutes is told."""
    minutes, newest = adoption.minutes, adoption.minutes.newest
    with force_locale(minutes.language):
        words = _(
            "As corrected by the session “%(session)s”: %(words)s",
            session=adoption.session.display_title, words=adoption.corrections,
        )  # fmt: skip
    if newest.frozen_at is not None and policy.may_record(actor, minutes.event):
        amend(minutes, actor=actor, change_note=words)
    elif newest.stage == MinutesState.IN_REVIEW and policy.may_comment(actor, minutes):
        comment(minutes, actor=actor, text=words)
    recorder = minutes.recorder
    if recorder is not None and recorder.account_id != actor.id:
        mail(recorder, "minutes/mail/corrected", minutes, session=adoption.session)


def drop_adoption(adoption: Adoption, *, actor: Actor) -> None:
    """Not to be adopted there after all, as long as nothing was decided. What people know of is cancelled on the agenda."""
    require(policy.may_record(actor, adoption.event))
    _hold(adoption)
    if adoption.outcome is not None:
        raise DecidedAlready(_("The session has decided about these minutes already."))
    item = adoption.item
    audit.record(actor, "minutes.adoption_dropped", adoption, scope=adoption.event)
    db.session.delete(adoption)
    db.session.flush()
    if item is not None and item.cancelled_at is None:
        require(programme_policy.may_change(actor, item.event))
        if item.event.is_draft or item.is_internal:
            programme.remove_item(item, actor=actor)
        else:
            programme.cancel_item(item, actor=actor)


def _hold(adoption: Adoption) -> None:
    db.session.refresh(adoption, with_for_update=True)
