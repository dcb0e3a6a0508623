"""Comparing two long versions after the answer, for one reader: what they may see is asked again when it is done."""

import json

from sqlalchemy import select

from app.accounts.models import Account
from app.core.db import db
from app.core.errors import Refused
from app.core.i18n import _
from app.core.jobs import job
from app.core.roles import Actor
from app.events import queries as events
from app.minutes import comparing, extracts, policy, queries
from app.minutes.comparing import Comparison
from app.minutes.extracts import Text
from app.minutes.models import Minutes, MinutesVersion
from app.progress import queries as progress_queries
from app.progress import services as progress
from app.progress.models import Progress
from app.signing.canonical import fingerprint

JOB = "compare_minutes"


def begin(old: Text, new: Text, *, actor: Actor, title: str, then: str) -> Progress:
    """Have the two compared for the actor; the page `then` finds the comparison with `find`."""
    total = len({each.anchor for text in (old, new) for each in text.parts})
    return progress.begin(
        _key(old, new), JOB, actor=actor, title=title, then=then, total=max(total, 1),
        old=old.version.ref, new=new.version.ref,
    )  # fmt: skip


def find(old: Text, new: Text, *, actor: Actor) -> Comparison | None:
    """The comparison of just these words, if it was made for the actor."""
    made = progress_queries.find_made(actor, _key(old, new))
    return Comparison.from_json(made) if made is not None else None


def _key(old: Text, new: Text) -> str:
    levels = [[each.section.clearance for each in text.parts] for text in (old, new)]
    said = json.dumps([old.text_hash, new.text_hash, levels])
    return f"compare:{old.version.ref}:{new.version.ref}:{fingerprint({'said': said})}"


@job
def compare_minutes(progress_ref: str) -> None:
    progress.carry_out(progress_ref, _work)


def _work(asked: Progress, tell: progress.Tell) -> progress.Made:
    account = db.session.get(Account, asked.account_id)
    versions = [_find(account, asked.arguments[name]) for name in ("old", "new")]
    if account is None or None in versions:
        raise Refused(_("You may not see one of these versions any more."))
    clearance = policy.clearance_of(account, versions[0].event)  # type: ignore[union-attr]  # neither is None here
    old, new = (extracts.read(each, clearance) for each in versions if each is not None)
    compared = comparing.compare(old, new, tell)
    return progress.Made(compared.to_json(), "comparison.json", "application/json")


def _find(actor: Actor | None, ref: str) -> MinutesVersion | None:
    if actor is None:
        return None
    version = db.session.scalar(select(MinutesVersion).where(MinutesVersion.ref == ref))
    if version is None or events.find_visible(actor, version.event.ref) is None:
        return None
    minutes: Minutes = version.minutes
    return queries.find_version(actor, minutes, ref) if policy.may_see(actor, minutes) else None
