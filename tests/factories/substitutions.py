"""Assistants and substitutes, in as few words as possible; each in a unit of work of its own."""

import re
from typing import Any

from sqlalchemy import select

from app.assistants import services as assistants
from app.assistants.models import Assistantship
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM, Actor
from app.mail.models import MailMessage
from app.people.models import Person
from app.registration.models import Registration
from app.substitutions import services
from app.substitutions.models import Substitution


def make_assistant(principal: Person, assistant: Person, **days: Any) -> Assistantship:
    with unit_of_work():
        return assistants.name_assistant(principal, assistant, actor=SYSTEM, **days)


def ask(registration: Registration, to_person: Person, *, actor: Actor = SYSTEM, **more: Any) -> Substitution:
    with unit_of_work():
        return services.ask(registration, to_person, actor=actor, **more)


def token_in_mail(to: str) -> str:
    """The secret in the newest mail to this address that asks somebody to come instead."""
    mail = db.session.scalars(
        select(MailMessage)
        .where(MailMessage.to_address == to, MailMessage.kind == "substitution_asked")
        .order_by(MailMessage.id.desc())
    ).first()
    assert mail is not None
    found = re.search(r"/instead/(\S+)", mail.text)
    assert found is not None
    return found.group(1)
