"""The answer to an invitation on a page: by the link, signed in, and in somebody's name."""

from datetime import timedelta

from flask import request

from app.core import clock
from app.invitations import services
from app.invitations.forms import AnswerForm
from app.registration import queries
from app.registration.models import Answer, Invitation, Substitutes


def answer_form(invitation: Invitation) -> tuple[AnswerForm, queries.Standing]:
    """The form with the answers that can be given now; what the address or an earlier answer says is chosen already."""
    event, now = invitation.event, clock.now()
    standing = queries.standing_of(event, invitation.person)
    plan = standing.plan
    offered = [Answer.YES, Answer.NO]
    is_open = not queries.why_closed(event, plan, now, invited=True)
    last = services.last_maybe(event, plan)
    if is_open and last > event.day_at(now):
        offered.append(Answer.MAYBE)
    if is_open and plan is not None and plan.substitutes != Substitutes.NOBODY and standing.mine is None:
        offered.append(Answer.DELEGATED)
    form = AnswerForm()
    form.offer(offered, request.args.get("says") or invitation.answer)
    if not form.is_submitted():
        form.maybe_until.data = invitation.maybe_until or min(last, event.day_at(now) + timedelta(days=7))
        form.excuse.data, form.reason.data = invitation.excuse or "", invitation.reason
    return form, standing
