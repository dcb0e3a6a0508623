"""Which templates there are, and which one is the usual one for a session."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.minutes.models import MinutesTemplate
from app.programme.models import Session


def list_templates(*, archived: bool = False) -> Sequence[MinutesTemplate]:
    """Those in use by language and kind, those of the whole house first; with `archived` those that were put away."""
    put_away = MinutesTemplate.archived_at.is_not(None)
    return db.session.scalars(
        select(MinutesTemplate)
        .where(put_away if archived else ~put_away)
        .options(joinedload(MinutesTemplate.docx))
        .order_by(
            MinutesTemplate.language, MinutesTemplate.session_kind.is_not(None), MinutesTemplate.session_kind,
            MinutesTemplate.name, MinutesTemplate.id,
        )
    ).all()  # fmt: skip


def find_template(ref: str) -> MinutesTemplate | None:
    return db.session.scalar(
        select(MinutesTemplate).where(MinutesTemplate.ref == ref).options(joinedload(MinutesTemplate.docx))
    )


def find_usual(session: Session, language: str) -> MinutesTemplate | None:
    """The one for this kind of session, else the house's, in this language; of several the newest."""
    return db.session.scalar(
        select(MinutesTemplate)
        .where(
            MinutesTemplate.language == language,
            MinutesTemplate.archived_at.is_(None),
            or_(MinutesTemplate.session_kind == session.kind, MinutesTemplate.session_kind.is_(None)),
        )
        .order_by(MinutesTemplate.session_kind.is_(None), MinutesTemplate.id.desc())
        .limit(1)
    )
