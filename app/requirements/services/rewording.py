"""A confirmed wording is frozen. Another one is another edition, which everybody concerned is told of."""

from app.core import audit
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.people.models import Person
from app.requirements import policy
from app.requirements.errors import ReasonMissing, WrongMoment
from app.requirements.models import Requirement, RequirementState, Wording
from app.requirements.services.telling import tell_of
from app.requirements.services.tracking import refuse_finished
from app.requirements.services.wording import edition_of, index_requirement
from app.speeches.errors import NothingSaid
from app.speeches.holding import hold


def reword(
    requirement: Requirement,
    *,
    actor: Actor,
    reason: str | None,
    heading: str,
    heading_local: str | None = None,
    verbatim: str | None = None,
    summary: str | None = None,
    summary_local: str | None = None,
    version: int | None = None,
) -> Wording:
    """Say it in other words from now on, and why. What was said in the speech stays as it was said.

    Every edition stays readable; whoever carries or verifies what came of it is told.
    """
    require(policy.may_reword(actor, requirement))
    hold(requirement)
    if requirement.state == RequirementState.STATED:
        raise WrongMoment(_("The wording is still open. Mend it in the speech."))
    refuse_finished(requirement)
    if not reason:
        raise ReasonMissing(_("Please say why."), field="reason")
    if not (verbatim or summary or summary_local):
        raise NothingSaid(_("Write down the wording, or a summary where the wording is withheld."), field="verbatim")
    _keep_first(requirement)
    changes = edit(
        requirement, version=version, heading=heading, heading_local=heading_local, verbatim=verbatim,
        summary=summary, summary_local=summary_local,
    )  # fmt: skip
    if not changes:
        raise WrongMoment(_("These are the words that stand there already."))
    requirement.wording += 1
    edition = edition_of(requirement, by_name=actor.name, reason=reason)
    db.session.add(edition)
    db.session.flush()
    audit.record(
        actor, "requirement.reworded", requirement, reason=reason, edition=edition.edition, fields=sorted(changes)
    )
    index_requirement(requirement)
    for person in concerned(requirement):
        tell_of(requirement, person, "reworded", edition=edition.edition, reason=reason)
    return edition


def concerned(requirement: Requirement) -> list[Person]:
    """Who carries, helps with or verifies an open assignment of it or of its parts, each once."""
    people: dict[int, Person] = {}
    for each in (requirement, *requirement.children):
        for assignment in each.assignments:
            if assignment.handed_over_at is None or assignment.is_done:
                continue
            helping = [contributor.person for contributor in assignment.contributors]
            for person in (assignment.responsible, assignment.verifier, *helping):
                people[person.id] = person
    return list(people.values())


def _keep_first(requirement: Requirement) -> None:
    """What was confirmed before editions were kept gets its first one, in the name of who confirmed it."""
    if any(each.edition == requirement.wording for each in requirement.wordings):
        return
    speech = requirement.speech
    first = edition_of(requirement, by_name=speech.confirmed_by_name or speech.speaker_name)
    if speech.confirmed_at is not None:
        first.created_at = speech.confirmed_at
    db.session.add(first)
    db.session.flush()
