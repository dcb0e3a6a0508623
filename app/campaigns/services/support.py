"""Support: a department behind is asked, promises a day, delivers; a refusal goes to the leader and is never the end."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from app.campaigns import policy, queries
from app.campaigns.errors import DayPassed, NotPossibleNow, OutOfReach, ReasonMissing
from app.campaigns.models import Campaign, SupportPriority, SupportRequest, SupportState
from app.campaigns.services.campaigns import hold
from app.campaigns.services.charter import CHARTED
from app.cascades.queries import list_reachable
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.mail.services import Recipient, queue_mail
from app.people.models import Department, Person
from app.people.queries import person_of
from app.requirements.services.telling import account_of


def ask_support(
    campaign: Campaign,
    *,
    actor: Actor,
    to_department: Department,
    what: str,
    needed_by: date,
    priority: SupportPriority | str = SupportPriority.NORMAL,
) -> SupportRequest:
    """Ask a department for something by a day. Its head is told."""
    require(policy.may_chart(actor, campaign))
    hold(campaign)
    if campaign.state not in CHARTED:
        raise NotPossibleNow(_("This campaign has been fought. It needs no support any more."))
    if needed_by < clock.today(campaign.event.time_zone):
        raise DayPassed(_("This day has passed. Nobody can deliver by then."), field="needed_by")
    heads = policy.heads_of(to_department)[:1]
    if any(each.id not in list_reachable(campaign.event, heads) for each in heads):
        raise OutOfReach(
            _(
                "%(name)s heads this department and could not open this page. Give them a part in the event first.",
                name=heads[0].display_name,
            ),
            field="to_department_ref",
        )
    request = SupportRequest(
        campaign=campaign, to_department=to_department, asked_by=person_of(actor), asked_by_name=actor.name, what=what,
        needed_by=needed_by, priority=SupportPriority(priority),
    )  # fmt: skip
    db.session.add(request)
    db.session.flush()
    audit.record(actor, "support.asked", request, campaign=campaign, needed_by=needed_by.isoformat())
    _tell(request, "asked", heads)
    return request


def acknowledge(request: SupportRequest, *, actor: Actor, committed_for: date) -> None:
    """Promise it for a day, which may be a later one than it is needed by: the difference is there for all to see."""
    _held(request, actor, policy.may_answer(actor, request), SupportState.ASKED, SupportState.ACKNOWLEDGED)
    if committed_for < clock.today(request.event.time_zone):
        raise DayPassed(_("This day has passed. Promise one that is still to come."), field="committed_for")
    edit(
        request, version=None, state=SupportState.ACKNOWLEDGED, committed_for=committed_for,
        acknowledged_at=request.acknowledged_at or clock.now(),
    )  # fmt: skip
    audit.record(actor, "support.acknowledged", request, committed_for=committed_for.isoformat())
    _tell(request, "acknowledged", _front(request))


def deliver(request: SupportRequest, *, actor: Actor) -> None:
    """Say that it is there. Whoever asked confirms it, or sends it back."""
    _held(request, actor, policy.may_answer(actor, request), SupportState.ASKED, SupportState.ACKNOWLEDGED)
    now = clock.now()
    edit(
        request, version=None, state=SupportState.DELIVERED, delivered_at=now,
        acknowledged_at=request.acknowledged_at or now,
    )  # fmt: skip
    audit.record(actor, "support.delivered", request)
    _tell(request, "delivered", _front(request))


def confirm_delivery(request: SupportRequest, *, actor: Actor) -> None:
    _held(request, actor, policy.may_confirm(actor, request), SupportState.DELIVERED)
    edit(
        request, version=None, state=SupportState.CONFIRMED, confirmed_at=clock.now(), confirmed_by_name=actor.name
    )  # fmt: skip
    audit.record(actor, "support.confirmed", request)


def send_back(request: SupportRequest, *, actor: Actor, reason: str | None) -> None:
    """What came is not what was asked for: it is not delivered, and the clock goes on."""
    _held(request, actor, policy.may_confirm(actor, request), SupportState.DELIVERED)
    reason = _given(reason)
    edit(request, version=None, state=SupportState.ACKNOWLEDGED, delivered_at=None)
    audit.record(actor, "support.sent_back", request, reason=reason)
    _tell(request, "sent_back", policy.heads_of(request.to_department)[:1], reason=reason)


def refuse(request: SupportRequest, *, actor: Actor, reason: str | None) -> None:
    """Say no, and why. It goes to the presiding leader at once, who insists or lets it stand."""
    _held(request, actor, policy.may_answer(actor, request), SupportState.ASKED, SupportState.ACKNOWLEDGED)
    reason = _given(reason)
    edit(request, version=None, state=SupportState.REFUSED, refusal=reason, escalated_at=clock.now())
    audit.record(actor, "support.refused", request, reason=reason)
    _tell(request, "refused", [*_front(request), *queries.list_leaders(request.event)])


def decide_refusal(request: SupportRequest, *, actor: Actor, insists: bool, reason: str | None) -> None:
    """The leader ends it: the department is asked anew, or the refusal stands and the campaign goes without."""
    _held(request, actor, policy.may_decide(actor, request), SupportState.REFUSED)
    reason = _given(reason)
    now = clock.now()
    edit(
        request, version=None, state=SupportState.ASKED if insists else SupportState.WITHDRAWN, decision=reason,
        decided_at=now, decided_by_name=actor.name, ended_at=None if insists else now,
    )  # fmt: skip
    audit.record(actor, "support.decided", request, insists=insists, reason=reason)
    _tell(request, "decided", [*policy.heads_of(request.to_department)[:1], *_front(request)])


def withdraw(request: SupportRequest, *, actor: Actor, reason: str | None) -> None:
    """Not needed any more. Taken back after its day it counts as not delivered: no act after a date improves a figure."""
    open_states = (SupportState.ASKED, SupportState.ACKNOWLEDGED, SupportState.REFUSED)
    _held(request, actor, policy.may_confirm(actor, request), *open_states)
    reason = _given(reason)
    edit(request, version=None, state=SupportState.WITHDRAWN, ended_at=clock.now())
    audit.record(actor, "support.withdrawn", request, reason=reason)
    _tell(request, "withdrawn", policy.heads_of(request.to_department)[:1], reason=reason)


def _held(request: SupportRequest, actor: Actor, permitted: bool, *states: SupportState) -> None:
    """The request to oneself until the end of the act, in one of the states from which the act leads on."""
    require(permitted)
    db.session.execute(select(SupportRequest.id).where(SupportRequest.id == request.id).with_for_update())
    db.session.refresh(request)
    if request.state not in states:
        raise NotPossibleNow(_("This request has moved on meanwhile. Look at how it stands now."))


def _given(reason: str | None) -> str:
    if not reason:
        raise ReasonMissing(_("Please say why."), field="reason")
    return reason


def _front(request: SupportRequest) -> list[Person]:
    """Those who wait for it: whoever asked, and the commander."""
    return [each for each in (request.asked_by, request.campaign.commander) if each is not None]


def _tell(request: SupportRequest, news: str, people: Iterable[Person], reason: str | None = None) -> None:
    for person in dict.fromkeys(people):
        account = account_of(person)
        language = (account.language if account else None) or person.language
        name = (person.name_local if language.startswith("zh") else None) or person.name
        queue_mail(
            Recipient(name, account.email if account else person.email, language),
            "campaigns/mail/support",
            kind=f"support.{news}",
            scope=request.event.ref,
            support=request,
            campaign=request.campaign,
            news=news,
            reason=reason,
        )
