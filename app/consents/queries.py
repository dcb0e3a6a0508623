"""Questions about the consent."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.consents.models import Consent, ConsentText
from app.consents.texts import FIRST, FIRST_LOCAL
from app.core.db import db
from app.people.models import Person
from app.signing.canonical import fingerprint


def content_hash(number: int, text: str, text_local: str) -> str:
    return fingerprint({"document": "consent", "version": number, "text": text, "text_local": text_local})


def present_text() -> ConsentText:
    """What is asked for now. Before anybody has published or agreed to anything it is our first one, not stored yet."""
    newest = db.session.scalar(select(ConsentText).order_by(ConsentText.number.desc()).limit(1))
    if newest is not None:
        return newest
    return ConsentText(number=1, text=FIRST, text_local=FIRST_LOCAL, content_hash=content_hash(1, FIRST, FIRST_LOCAL))


def find_text(number: int) -> ConsentText | None:
    found = db.session.scalar(select(ConsentText).where(ConsentText.number == number))
    return found or (present_text() if number == 1 else None)


def list_texts() -> Sequence[tuple[ConsentText, int]]:
    """Every version with the number of people whose agreement to it stands, the newest first."""
    standing = (
        select(Consent.text_id, func.count(Consent.person_id.distinct()).label("people"))
        .where(Consent.withdrawn_at.is_(None))
        .group_by(Consent.text_id)
        .subquery()
    )
    rows = (
        select(ConsentText, func.coalesce(standing.c.people, 0))
        .outerjoin(standing, standing.c.text_id == ConsentText.id)
        .order_by(ConsentText.number.desc())
    )
    return [(text, people) for text, people in db.session.execute(rows)]


def list_of_person(person: Person) -> Sequence[Consent]:
    mine = select(Consent).where(Consent.person_id == person.id).options(joinedload(Consent.text))
    return db.session.scalars(mine.order_by(Consent.given_at.desc(), Consent.id.desc())).all()


def standing_of(person: Person) -> Consent | None:
    """The agreement to the newest version, unless it was withdrawn."""
    newest = select(func.max(ConsentText.number)).scalar_subquery()
    mine = (
        select(Consent)
        .join(ConsentText)
        .where(Consent.person_id == person.id, Consent.withdrawn_at.is_(None), ConsentText.number == newest)
        .options(joinedload(Consent.text))
        .order_by(Consent.id.desc())
    )
    return db.session.scalar(mine.limit(1))
