"""Letting stand what the checks before the sign-off found, with a reason that is kept."""

from collections.abc import Collection

from app.core import audit
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.minutes import checks, policy
from app.minutes.errors import DecidedAlready
from app.minutes.models import CheckOverride, Minutes
from app.minutes.services.stages import writable


def let_stand(minutes: Minutes, *, actor: Actor, keys: Collection[str], reason: str) -> list[CheckOverride]:
    """Say why these findings are no obstacle. It counts as long as exactly the same is found, and for this text alone."""
    require(policy.may_let_stand(actor, minutes))
    newest = writable(minutes)
    if not keys:
        raise Refused(_("Choose what is to stand."), field="keys")
    if not reason.strip():
        raise Refused(
            _("Say why it may stand. Whoever signs off reads the reason, and it stays with the text."), field="reason"
        )
    found = {each.key: each for each in checks.findings(newest)}
    wanted = [found[key] for key in dict.fromkeys(keys) if key in found and found[key].overridden is None]
    if len(wanted) < len(set(keys)):
        raise DecidedAlready(
            _("Some of this is found no more, or was let stand meanwhile. Look at the list as it is now.")
        )
    made = [CheckOverride(minutes_version=newest, key=each.key, reason=reason, by_name=actor.name) for each in wanted]
    db.session.add_all(made)
    db.session.flush()
    audit.record(
        actor, "minutes.findings_let_stand", minutes, version=newest.number, checks=[each.check for each in wanted]
    )
    return made


def object_again(override: CheckOverride, *, actor: Actor) -> None:
    """Take back that a finding may stand. The log keeps that it did."""
    minutes = override.minutes_version.minutes
    require(policy.may_let_stand(actor, minutes))
    newest = writable(minutes)
    if override.version_id != newest.id:
        raise DecidedAlready(_("That was let stand for an earlier text, which does not change any more."))
    audit.record(
        actor, "minutes.finding_objected", minutes, version=newest.number, check=override.key.partition(":")[0]
    )
    db.session.delete(override)
