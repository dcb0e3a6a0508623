"""A proposal on its way to the office: who, for what, and what speaks for them."""

from dataclasses import dataclass
from typing import Any, BinaryIO

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.files import services as files
from app.mail.services import Recipient, queue_mail
from app.nominations import policy, queries
from app.nominations.errors import EvidenceMissing, NominatedAlready, NotInThatState, NotOpen, WrongNominee
from app.nominations.models import (
    Category,
    Nomination,
    NominationEvidence,
    NominationState,
    NomineeKind,
)
from app.people.models import Person, Team
from app.people.queries import person_of
from app.requirements.services.carrying_out import link_of

MOST_EVIDENCE = 20


@dataclass(frozen=True)
class Outside:
    """Somebody outside the company, known by name only."""

    name: str
    name_local: str | None = None
    organization: str | None = None


Nominee = Person | Team | Outside


def propose(category: Category, nominee: Nominee | None, *, actor: Actor, reason: str) -> Nomination:
    """Begin a proposal. As a draft it is seen by nobody but whoever writes it."""
    require(policy.may_propose(actor, category.event))
    _check_open(category)
    nomination = Nomination(category=category, reason=reason, proposed_by_id=actor.id, **_nominee(category, nominee))
    db.session.add(nomination)
    db.session.flush()
    audit.record(actor, "nomination.drafted", nomination)
    return nomination


def change(
    nomination: Nomination, nominee: Nominee | None, *, actor: Actor, reason: str, version: int | None = None
) -> Nomination:
    _hold_draft(nomination, actor)
    changes = edit(nomination, version=version, reason=reason, **_nominee(nomination.category, nominee))
    if changes:
        audit.record(actor, "nomination.changed", nomination)
    return nomination


def add_evidence(
    nomination: Nomination, *, actor: Actor, words: str, url: str | None = None, file: BinaryIO | None = None,
    name: str = "",
) -> NominationEvidence:  # fmt: skip
    """What speaks for the nominee: words, and with them a link or a file."""
    _hold_draft(nomination, actor)
    if len(nomination.evidence) >= MOST_EVIDENCE:
        raise Refused(_("There are %(num)s pieces already. Choose the best.", num=MOST_EVIDENCE))
    stored = files.store_upload(file, name, actor=actor) if file is not None else None
    piece = NominationEvidence(words=words, url=link_of(url) if url else None, file=stored)
    nomination.evidence.append(piece)
    db.session.flush()
    audit.record(actor, "nomination.evidence_added", nomination, evidence=piece)
    return piece


def remove_evidence(piece: NominationEvidence, *, actor: Actor) -> None:
    nomination = piece.nomination
    _hold_draft(nomination, actor)
    stored = piece.file
    audit.record(actor, "nomination.evidence_removed", nomination, evidence=piece)
    nomination.evidence.remove(piece)
    db.session.flush()
    if stored is not None:
        files.drop(stored)


def submit(nomination: Nomination, *, actor: Actor) -> Nomination:
    """Hand it in: within the days of the category, with a reason and evidence, and not for the second time."""
    _hold_draft(nomination, actor)
    _check_open(nomination.category)
    if not nomination.evidence:
        raise EvidenceMissing(_("Add at least one piece of evidence: what was done, and where it can be seen."))
    if queries.has_same(nomination):
        raise NominatedAlready(_("%(name)s is proposed in this category already.", name=nomination.display_name))
    nomination.state, nomination.submitted_at = NominationState.SUBMITTED, clock.now()
    nomination.version += 1
    db.session.flush()
    audit.record(actor, "nomination.submitted", nomination)
    person = person_of(actor)
    if person is not None:
        queue_mail(
            Recipient(person.name, person.email, person.language), "nominations/mail/submitted", kind="nomination",
            scope=nomination.event.ref, event=nomination.event, nomination=nomination,
        )  # fmt: skip
    return nomination


def take_back(nomination: Nomination, *, actor: Actor) -> Nomination:
    """Make it a draft again, before the office has looked at it."""
    require(policy.may_write(actor, nomination))
    db.session.refresh(nomination, with_for_update=True)
    if nomination.state != NominationState.SUBMITTED:
        raise NotInThatState(_("The office has looked at this already. It can no longer be taken back."))
    nomination.state, nomination.submitted_at = NominationState.DRAFT, None
    nomination.version += 1
    db.session.flush()
    audit.record(actor, "nomination.taken_back", nomination)
    return nomination


def discard(nomination: Nomination, *, actor: Actor) -> None:
    """A draft vanishes, with its files; what was submitted stays."""
    _hold_draft(nomination, actor)
    stored = [each.file for each in nomination.evidence if each.file is not None]
    audit.record(actor, "nomination.discarded", nomination)
    db.session.delete(nomination)
    db.session.flush()
    for each in stored:
        files.drop(each)


def _hold_draft(nomination: Nomination, actor: Actor) -> None:
    require(policy.may_write(actor, nomination))
    db.session.refresh(nomination, with_for_update=True)
    if nomination.state != NominationState.DRAFT:
        raise NotInThatState(_("This was submitted. Take it back before you change it."))


def _check_open(category: Category) -> None:
    if not category.is_open_on(clock.today(category.event.time_zone)):
        raise NotOpen(_("No proposals are taken in this category now."))


def _nominee(category: Category, nominee: Nominee | None) -> dict[str, Any]:
    if nominee is None:
        raise WrongNominee(
            _("Say whom you propose: a person, a team, or a name from outside, and only one."), field="who"
        )
    kind = NomineeKind.OUTSIDE
    if not isinstance(nominee, Outside):
        kind = NomineeKind.PERSON if isinstance(nominee, Person) else NomineeKind.TEAM
    if not category.takes(kind):
        raise WrongNominee(
            _("This category is for others."), field="outside_name" if kind == NomineeKind.OUTSIDE else "who"
        )
    return nominee_columns(nominee)


def nominee_columns(nominee: Nominee) -> dict[str, Any]:
    """The columns that name somebody: a person, a team, or a name from outside; the others are emptied."""
    outside = nominee if isinstance(nominee, Outside) else None
    return {
        "person": nominee if isinstance(nominee, Person) else None,
        "team": nominee if isinstance(nominee, Team) else None,
        "outside_name": outside.name if outside else None,
        "outside_name_local": outside.name_local if outside else None,
        "outside_organization": outside.organization if outside else None,
    }
