"""The page on which other sessions are chosen: the same for oneself and in a principal's name."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.core.i18n import _
from app.core.roles import Actor
from app.people.models import Person
from app.registration import queries, services
from app.registration.forms import SessionsForm
from app.registration.models import Registration
from app.registration.queries import SessionPlaces


def sessions_page(
    registration: Registration,
    offered: list[SessionPlaces],
    *,
    actor: Actor,
    back: str,
    principal: Person | None = None,
) -> ResponseReturnValue:
    """Other sessions with places of their own, all of the change or nothing of it."""
    event = registration.event
    known = {each.session.ref for each in offered}
    held = {each.ref for each in queries.list_chosen_sessions(registration)}
    form = SessionsForm(obj=registration)
    form.offer(offered, held)
    if not form.is_submitted():
        form.sessions.data = [each.session.ref for each in offered if each.session.ref in held]
    if form.validate_on_submit():
        chosen = set(form.sessions.data or [])
        answer = form.attempt(
            lambda: services.change_choices(
                registration,
                actor=actor,
                version=form.opened_version,
                add=queries.find_sessions(event, chosen - held),
                drop=queries.find_sessions(event, (held & known) - chosen),
            ),
            then=back,
            said=_("The sessions are changed.") if principal else _("Your sessions are changed."),
        )
        if answer is not None:
            return answer
    return render_template(
        "registration/sessions.html", event=event, form=form, back=back, principal=principal,
        layout="layouts/base.html" if principal else "layouts/event.html",
    ), form.status  # fmt: skip
