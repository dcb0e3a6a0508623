"""Versions of a pledge: a new one begins as a draft, and takes the place of the older one once it is in force."""

from app.core import audit, clock
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.pledges import deed, policy, queries, telling
from app.pledges.errors import DeadlinePassed, NotPossibleNow
from app.pledges.models import Pledge, PledgeState, SignatureSlot
from app.pledges.services.stages import hold, move
from app.search import services as search
from app.signing import services as signing

BEGINNINGS = (PledgeState.VOID, PledgeState.REFUSED, PledgeState.IN_FORCE, PledgeState.ASSESSED)


def draft_new_edition(pledge: Pledge, *, actor: Actor) -> Pledge:
    """A new version with the same words and people to begin with. Nobody has signed it.

    One that is in force stays so until the new one is; once its deadline has passed it is assessed first.
    """
    require(policy.may_prepare(actor, pledge.event))
    hold(pledge)
    if pledge.state not in BEGINNINGS:
        raise NotPossibleNow(
            _("A new version begins when the present one is in force, assessed, void or refused. Recall it first.")
        )
    refuse_unless_replaceable(pledge)
    if queries.find_successor(pledge) is not None:
        raise NotPossibleNow(_("There is a newer version of this pledge already."))
    edition = pledge.edition + 1
    root = pledge.label.partition("-v")[0]
    successor = Pledge(
        event=pledge.event, round=pledge.round, label=f"{root}-v{edition}", title=pledge.title, text=pledge.text,
        language=pledge.language, targets=[dict(each) for each in pledge.targets], deadline=pledge.deadline,
        reward=pledge.reward, penalty=pledge.penalty, team=pledge.team, campaign=pledge.campaign,
        assignment=pledge.assignment, template=pledge.template, is_ordered=pledge.is_ordered, edition=edition,
        replaces=pledge,
    )  # fmt: skip
    successor.slots = [
        SignatureSlot(person=slot.person, role=slot.role, position=slot.position, name=slot.person.name)
        for slot in pledge.slots
    ]
    db.session.add(successor)
    db.session.flush()
    audit.record(actor, "pledge.drafted", successor, replaces=pledge)
    return successor


def refuse_unless_replaceable(older: Pledge | None) -> None:
    """What was promised until a day that lies behind us is assessed before anything takes its place."""
    if older is not None and older.state == PledgeState.IN_FORCE and deed.deadline_has_passed(older):
        raise DeadlinePassed(_("The deadline of %(label)s has passed. Say first what became of it.", label=older.label))


def supersede_replaced(pledge: Pledge, *, actor: Actor) -> None:
    """The older version ends at the moment at which this one comes into force."""
    older = pledge.replaces
    if older is None:
        return
    hold(older)
    refuse_unless_replaceable(older)
    if older.state != PledgeState.IN_FORCE:
        return
    older.superseded_at = clock.now()
    move(older, PledgeState.SUPERSEDED)
    audit.record(actor, "pledge.superseded", older, by=pledge)
    signing.supersede(older.ref, by=pledge.edition)
    search.drop("pledge", older.ref)
    telling.tell_superseded(older, pledge)
