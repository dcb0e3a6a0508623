"""The pages on which somebody is asked to come instead, and answers: the same for oneself and in a principal's name."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock
from app.core.forms import filled, press
from app.core.i18n import _
from app.core.roles import Actor
from app.core.text import one_line
from app.people.models import Person
from app.registration import queries as registrations
from app.registration.models import Registration, State
from app.substitutions import queries, services
from app.substitutions.forms import ComeForm, SubstituteForm
from app.substitutions.models import Substitution, SubstitutionState


def ask_page(
    registration: Registration, *, actor: Actor, here: str, back: str, principal: Person | None = None
) -> ResponseReturnValue:
    """Find a colleague, choose, ask. While a question is open there is nothing to ask: leads back to where it stands."""
    form = SubstituteForm()
    words = one_line(request.args.get("q", ""))[:100]
    event = registration.event
    form.person.offer(queries.list_candidates(registration, words, chosen=form.person.data))
    if form.validate_on_submit():
        colleague = filled(form.person.person)
        answer = form.attempt(
            lambda: services.ask(registration, colleague, actor=actor, reason=form.reason.data),
            then=back,
            said=_("%(name)s is asked. Until the answer the place is kept.", name=colleague.display_name),
        )
        if answer is not None:
            return answer
    elif not form.is_submitted() and (
        registration.state != State.CONFIRMED or queries.find_standing(registration) is not None
    ):
        return redirect(back)
    return render_template(
        "substitutions/ask_for.html" if principal else "substitutions/ask.html",
        event=event, registration=registration, form=form, words=words, here=here, back=back, principal=principal,
        rule=queries.rule_of(event), must_agree=queries.must_agree(event),
    ), form.status  # fmt: skip


def back_page(registration: Registration, *, actor: Actor, back: str) -> ResponseReturnValue:
    """The press that takes the open question back."""
    standing = queries.find_standing(registration) or queries.find_latest(registration)
    if standing is None:
        return redirect(back, 303)
    return press(lambda: services.take_back(standing, actor=actor), back, _("Nobody is asked any more."))


def come_page(asked: Substitution, *, actor: Actor, here: str, principal: Person | None = None) -> ResponseReturnValue:
    """Whoever is asked says yes or no."""
    form = ComeForm()
    if form.validate_on_submit():
        answered = form.attempt(
            lambda: (
                services.accept(asked, actor=actor)
                if form.answer.data == "yes"
                else services.decline(asked, actor=actor, comment=form.comment.data)
            ),
            then=here,
        )
        if answered is not None:
            return answered
    return render_template(
        "substitutions/answer.html",
        layout="layouts/base.html", asked=asked, event=asked.event, form=form, principal=principal,
        is_open=asked.state == SubstitutionState.ASKED and not asked.event.has_ended_at(clock.now()),
        why_over=services.why_over(asked), sessions=registrations.list_chosen_sessions(asked.registration),
    ), form.status  # fmt: skip
