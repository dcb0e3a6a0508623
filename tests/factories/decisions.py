"""Decisions of a session, made through their acts."""

from typing import Any

from app.decisions import services
from app.decisions.models import Decision
from app.programme.models import Session
from tests.cast import Cast
from tests.factories import make_event, make_session


def make_decision(cast: Cast, session: Session | None = None, **values: Any) -> Decision:
    """Recorded by Sara, by consensus, of a session that Li Wei chairs."""
    session = session or make_session(make_event(), chair=cast.people["li_wei"])
    return services.record_decision(session, actor=cast.sara, **{"text": "Each shift counts its own scrap.", **values})
