"""The moment of conferral: from now on everybody who sees the event knows, and a certificate can be checked."""

from datetime import date

from sqlalchemy import select

from app.awards import papers, policy
from app.awards.errors import CueMissing, NotYetConferred, RecipientsMissing, WrongDay
from app.awards.models import Award, RecipientsKnown
from app.awards.services.preparing import Ceremony, belongs, hold_unconferred
from app.core import audit, clock
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.mail.services import Recipient as To
from app.mail.services import queue_mail
from app.nominations.models import TO_SCORE, Category, Nomination
from app.people.models import Person
from app.search import services as search
from app.signing import services as signing
from app.signing.models import IssuedDocument


def confer(
    award: Award,
    *,
    actor: Actor,
    on: date,
    by: Person | None = None,
    cue_ref: str | None = None,
    outside: str | None = None,
    ceremony: Ceremony | None = None,
) -> Award:
    """Say that it was given: from now on everybody who sees the event knows. Positions are kept as of that day.

    What was decided by a jury is conferred by the cue that fired on stage, or `outside` a ceremony, which says why. One
    that is only told afterwards, from a release or an older record, needs neither and gets no certificate by itself.
    Where no ceremony was planned for it, `ceremony` is the one at which it happened.
    """
    require(policy.may_record(actor, award.event))
    hold_unconferred(award)
    belongs(award.event, ceremony)
    if on > clock.today(award.event.time_zone):
        raise WrongDay(_("This lies in the future."), field="on")
    if award.recipients_known == RecipientsKnown.NAMED and not award.recipients:
        raise RecipientsMissing(_("Name who receives it first, or say that this is not stated."))
    if award.decided_at is not None and not (cue_ref or outside):
        raise CueMissing(
            _("It is conferred by its cue on stage. If it was conferred outside a ceremony, say why."), field="outside"
        )
    for recipient in award.recipients:
        held = recipient.person.position_on(on) if recipient.person else None
        recipient.position_title = held.title if held else None
    award.ceremony_id = award.ceremony_id or (ceremony.id if ceremony else None)
    award.conferred_on, award.conferred_by = on, by
    award.cue_ref, award.conferred_outside = cue_ref, outside
    award.version += 1
    db.session.flush()
    named = [each.person or each.team for each in award.recipients if each.person or each.team]
    audit.record(
        actor, "award.conferred", award, reason=outside, on=on.isoformat(), recipients=len(award.recipients), to=named,
        cue=cue_ref,
    )  # fmt: skip
    reveal(award.category)
    index_award(award)
    if cue_ref or outside:
        if award.recipients_known == RecipientsKnown.NAMED:
            _issue(award)
        _tell(award)
    return award


def reveal(category: Category | None) -> None:
    """When the last award of a category is conferred, and no place fell free that is still to be given, its nominations
    may be told and its scores be seen."""
    if category is None or category.decided_at is None or category.revealed_at is not None:
        return
    hidden = select(Award.id).where(Award.category_id == category.id, Award.conferred_on.is_(None), Award.end.is_(None))
    told = select(Award.id).where(Award.category_id == category.id, Award.conferred_on.is_not(None))
    free = select(Nomination.id).where(Nomination.category_id == category.id, Nomination.state.in_(TO_SCORE))
    left = any(db.session.scalar(each.limit(1)) is not None for each in (hidden, free))
    if not left and db.session.scalar(told.limit(1)) is not None:
        category.revealed_at = clock.now()
        db.session.flush()


def issue_certificate(award: Award, *, actor: Actor) -> IssuedDocument:
    """The certificate of an award that was told afterwards. One that stands is given again."""
    require(policy.may_record(actor, award.event))
    if not award.stands:
        raise NotYetConferred(_("A certificate is issued for an award that was conferred and stands."))
    if award.recipients_known != RecipientsKnown.NAMED:
        raise Refused(_("A certificate needs names."))
    if award.document is None:
        _issue(award)
        award.version += 1
        audit.record(actor, "award.certified", award)
    document = award.document
    assert document is not None
    return document


def _issue(award: Award) -> None:
    award.document = signing.issue(
        papers.KIND, title=award.title, subject_ref=award.ref, edition=1, content=papers.content_of(award)
    )
    db.session.flush()


def _tell(award: Award) -> None:
    for each in award.recipients:
        if each.person is not None:
            queue_mail(
                To(each.person.name, each.person.email, each.person.language), "awards/mail/conferred",
                kind="award.conferred", scope=award.event.ref, event=award.event, award=award,
            )  # fmt: skip


def index_award(award: Award) -> None:
    """Only what is conferred, and stands, can be found."""
    if not award.stands:
        search.drop("award", award.ref)
        return
    parts = [award.title_local, award.citation, award.citation_local]
    for each in award.recipients:
        parts += [*each.both_names, each.outside_organization]
    search.put(
        "award",
        award.ref,
        url=f"/events/{award.event.ref}/awards/{award.ref}",
        title=award.title,
        body="\n".join(part for part in parts if part),
        event_id=award.event_id,
        on=award.conferred_on,
    )
