"""Under which subjects minutes stand in the library; that is no part of the text, so it can change at any time."""

from collections.abc import Sequence

from app.core import audit
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.minutes import library, policy
from app.minutes.errors import WrongStage
from app.minutes.models import Minutes, MinutesState


def file_by_subject(minutes: Minutes, *, actor: Actor, subjects: Sequence[str]) -> None:
    """File the minutes under these words, in force or not. The log tells how many there are: it is read by more people."""
    require(policy.may_record(actor, minutes.event))
    db.session.refresh(minutes, with_for_update=True)
    if minutes.state == MinutesState.WITHDRAWN:
        raise WrongStage(_("These minutes are withdrawn and stand in no library."))
    wanted = library.subjects_of("\n".join(subjects))
    if wanted == minutes.subjects:
        return
    minutes.subjects = wanted
    minutes.version += 1
    db.session.flush()
    if minutes.current is not None and minutes.state == MinutesState.PUBLISHED:
        library.file_under(minutes)
    audit.record(actor, "minutes.filed", minutes, count=len(wanted))
