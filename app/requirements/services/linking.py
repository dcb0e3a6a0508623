"""What was asked at one gathering lives on in what was asked at a later one."""

from app.core import audit
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.events import queries as events
from app.requirements import links, policy
from app.requirements.errors import WrongMoment
from app.requirements.models import Requirement, RequirementLink
from app.speeches.errors import NotPartOfThis
from app.speeches.holding import hold


def link_to_earlier(requirement: Requirement, earlier: Requirement, *, actor: Actor) -> RequirementLink:
    """Say that this continues an earlier one. The earlier was said before it, so that no circle can come about."""
    require(policy.may_supervise(actor, requirement.event))
    if events.find_visible(actor, earlier.event.ref) is None:
        raise NotPartOfThis(_("This requirement is not among those that you may see."))
    hold(requirement)
    if not links.is_before(earlier, requirement):
        raise WrongMoment(_("%(label)s was not asked before this one.", label=earlier.label))
    there = links.find(earlier, requirement)
    if there is not None:
        return there
    link = RequirementLink(earlier=earlier, later=requirement, by_name=actor.name)
    db.session.add(link)
    db.session.flush()
    audit.record(actor, "requirement.linked", requirement, earlier=earlier)
    return link


def unlink(link: RequirementLink, *, actor: Actor) -> None:
    """Take back that one continues the other. Both stay."""
    require(policy.may_supervise(actor, link.later.event))
    hold(link.later)
    audit.record(actor, "requirement.unlinked", link.later, earlier=link.earlier)
    db.session.delete(link)
    db.session.flush()
