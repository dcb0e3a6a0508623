"""Capturing what is demanded, word for word, and confirming that it was said so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Event
from app.people.models import Department
from app.requirements import policy, queries
from app.requirements.errors import NotInThePassage, NumberTaken, WrongMoment
from app.requirements.labels import next_label, year_of
from app.requirements.models import Addressee, Requirement, RequirementKind, RequirementState, Wording
from app.search import services as search
from app.speeches import policy as speech_policy
from app.speeches import services as speeches
from app.speeches.errors import CountDiffers, NothingSaid, NotPartOfThis, WordingIsConfirmed
from app.speeches.holding import hold
from app.speeches.models import Passage, PassageKind, Speech

FIRST, LAST = 1, 99


@dataclass(frozen=True)
class To:
    """Somebody addressed, in the words used; `department` when it is known which one is meant."""

    words: str
    words_local: str | None = None
    department: Department | None = None


def add_requirement(
    speech: Speech,
    *,
    actor: Actor,
    heading: str,
    kind: RequirementKind | str,
    passage: Passage | None = None,
    number: int | None = None,
    sub: str = "",
    parent: Requirement | None = None,
    heading_local: str | None = None,
    verbatim: str | None = None,
    summary: str | None = None,
    summary_local: str | None = None,
    second_kind: RequirementKind | str | None = None,
    audience: str | None = None,
    audience_local: str | None = None,
    topics: Sequence[str] = (),
    addressees: Sequence[To] = (),
    span_start: int | None = None,
    span_end: int | None = None,
) -> Requirement:
    """Record a demand of a speech while its wording is open. Its number is unique inside the speech (rule 5).

    Without `number` it takes the next one; with `parent` it is a part of that requirement (2a) and takes its number.
    """
    require(policy.may_record(actor, speech.event))
    speeches.hold_open(speech)
    _fits(speech, passage, parent, verbatim)
    number, sub = numbered(speech, number, sub, parent)
    requirement = Requirement(
        event=speech.event,
        speech=speech,
        passage=passage or (parent.passage if parent else None),
        parent=parent,
        label=next_label("RQ", year_of(speech)),
        number=number,
        sub=sub,
        heading=heading,
        heading_local=heading_local,
        verbatim=verbatim,
        summary=summary,
        summary_local=summary_local,
        kind=RequirementKind(kind),
        second_kind=RequirementKind(second_kind) if second_kind else None,
        audience=audience,
        audience_local=audience_local,
        topics=list(topics),
        span_start=span_start,
        span_end=span_end,
        addressees=[_addressee(each) for each in addressees],
    )
    db.session.add(requirement)
    speeches.touch(speech)
    db.session.flush()
    audit.record(actor, "requirement.recorded", requirement, number=requirement.display_number)
    index_requirement(requirement)
    return requirement


def capture(
    speech: Speech,
    *,
    actor: Actor,
    kind: PassageKind | str,
    verbatim: str | None,
    summary: str | None = None,
    summary_local: str | None = None,
    number: int | None = None,
    heading: str | None = None,
    heading_local: str | None = None,
    demand: str | None = None,
    second_kind: str | None = None,
    addressees: Sequence[To] = (),
    topics: Sequence[str] = (),
    translation: str | None = None,
) -> Passage:
    """Record a passage and, when it demands something, the requirement in it.

    `demand` is the part of the wording that is the demand itself; without it the whole passage is.
    """
    passage = speeches.add_passage(
        speech, actor=actor, kind=kind, verbatim=verbatim, summary=summary, summary_local=summary_local,
        translation=translation,
    )  # fmt: skip
    if passage.is_demand:
        add_requirement(
            speech,
            actor=actor,
            passage=passage,
            kind=passage.kind,
            number=number,
            heading=_headed(heading),
            heading_local=heading_local,
            verbatim=demand or verbatim,
            summary=summary,
            summary_local=summary_local,
            second_kind=second_kind,
            addressees=addressees,
            topics=topics,
        )
    return passage


def amend(
    passage: Passage,
    *,
    actor: Actor,
    version: int | None,
    verbatim: str | None,
    summary: str | None,
    summary_local: str | None,
    heading: str | None = None,
    heading_local: str | None = None,
    demand: str | None = None,
    number: int | None = None,
    second_kind: str | None = None,
    addressees: Sequence[To] = (),
    topics: Sequence[str] = (),
    translation: str | None = None,
) -> Passage:
    """Mend a passage and the requirement that was captured with it, before the wording is confirmed."""
    speeches.reword_passage(
        passage, actor=actor, version=version, verbatim=verbatim, summary=summary, summary_local=summary_local,
        translation=translation,
    )  # fmt: skip
    requirement = queries.find_captured(passage)
    if requirement is None:
        return passage
    words = demand or verbatim
    _fits(passage.speech, passage, None, words)
    if requirement.parent_id is not None:
        number = None
    if number is not None and number != requirement.number:
        numbered(passage.speech, number, "", None)
    changes = edit(
        requirement, version=None, heading=_headed(heading), heading_local=heading_local, verbatim=words,
        summary=summary, summary_local=summary_local, second_kind=second_kind or None, topics=list(topics),
        number=number or requirement.number,
    )  # fmt: skip
    for part in requirement.children:
        part.number = requirement.number
    if [_told(each) for each in requirement.addressees] != [_told(each) for each in addressees]:
        requirement.addressees = [_addressee(each) for each in addressees]
        changes["addressees"] = []
    if changes:
        speeches.touch(passage.speech)
        audit.record(actor, "requirement.changed", requirement, fields=sorted(changes))
        index_requirement(requirement)
    return passage


def discard(passage: Passage, *, actor: Actor) -> None:
    """Take away a passage that was recorded by mistake, and the requirements in it, while the wording is open."""
    require(policy.may_record(actor, passage.event))
    speeches.hold_open(passage.speech)
    discard_requirements(passage, actor=actor)
    speeches.remove_passage(passage, actor=actor)


def discard_requirements(passage: Passage, *, actor: Actor) -> None:
    """Take away the requirements in a passage, while the wording is open, and leave the passage."""
    require(policy.may_record(actor, passage.event))
    speeches.hold_open(passage.speech)
    found = queries.list_of_passage(passage)
    if any(part.passage_id != passage.id for each in found for part in each.children):
        raise WrongMoment(_("Requirement %(number)s has parts. Remove them first.", number=found[-1].display_number))
    for requirement in found:
        audit.record(actor, "requirement.removed", requirement, number=requirement.display_number)
        search.drop("requirement", requirement.ref)
        db.session.delete(requirement)
        db.session.flush()


def confirm_speech(
    speech: Speech, *, actor: Actor, override_reason: str | None = None, version: int | None = None
) -> Speech:
    """Say that the wording is right, for the speech and every requirement in it. From now on it is frozen.

    Where another number was announced than recorded, it needs a reason (rule 4).
    """
    require(speech_policy.may_confirm(actor, speech))
    hold(speech)
    if speech.is_confirmed:
        raise WordingIsConfirmed(_("The wording of this speech is confirmed already."))
    if not speech.passages:
        raise NothingSaid(_("Nothing of this speech is recorded yet, so there is no wording to confirm."))
    recorded = queries.count_recorded(speech)
    differs = speech.announced_count is not None and speech.announced_count != recorded
    if differs and not override_reason:
        raise CountDiffers(
            _(
                "%(announced)s requirements were announced and %(recorded)s are recorded. Mend the record, or say why "
                "it is right nevertheless.",
                announced=speech.announced_count,
                recorded=recorded,
            ),
            field="override_reason",
        )
    edit(
        speech, version=version, confirmed_at=clock.now(), confirmed_by_id=actor.id, confirmed_by_name=actor.name,
        count_override=override_reason if differs else None,
    )  # fmt: skip
    for requirement in queries.list_of_speech(speech):
        if requirement.state == RequirementState.STATED:
            edit(requirement, version=None, state=RequirementState.CONFIRMED)
            db.session.add(edition_of(requirement, by_name=actor.name))
    audit.record(
        actor, "speech.confirmed", speech, reason=speech.count_override,
        recorded=recorded, announced=speech.announced_count,
    )  # fmt: skip
    return speech


def edition_of(requirement: Requirement, *, by_name: str, reason: str | None = None) -> Wording:
    """Its present text, to be kept as the edition that holds."""
    return Wording(
        requirement=requirement,
        edition=requirement.wording,
        heading=requirement.heading,
        heading_local=requirement.heading_local,
        verbatim=requirement.verbatim,
        summary=requirement.summary,
        summary_local=requirement.summary_local,
        reason=reason,
        by_name=by_name,
    )


def index_requirement(requirement: Requirement) -> None:
    """Make a requirement of a published event findable; a withdrawn one is found no more."""
    if requirement.event.is_draft or requirement.state == RequirementState.WITHDRAWN:
        search.drop("requirement", requirement.ref)
        return
    texts = [
        requirement.heading_local, requirement.verbatim, requirement.summary, requirement.summary_local,
        requirement.label, *(each.words for each in requirement.addressees),
        *(each.words_local for each in requirement.addressees), *requirement.topics,
    ]  # fmt: skip
    search.put(
        "requirement",
        requirement.ref,
        url=f"/events/{requirement.event.ref}/requirements/{requirement.ref}",
        title=f"{requirement.label} {requirement.heading}",
        body="\n".join(text for text in texts if text),
        event_id=requirement.event_id,
    )


def index_event(event: Event) -> None:
    """Make all speeches and requirements of an event findable again: for when it is published after they were told."""
    for speech in queries.list_speeches_of(event):
        speeches.index_speech(speech)
        for requirement in queries.list_of_speech(speech):
            index_requirement(requirement)


def _fits(speech: Speech, passage: Passage | None, parent: Requirement | None, verbatim: str | None) -> None:
    if passage is not None and passage.speech_id != speech.id:
        raise NotPartOfThis(_("This passage belongs to another speech."))
    if parent is not None and (parent.speech_id != speech.id or parent.parent_id is not None):
        raise NotPartOfThis(_("A part belongs to a whole requirement of the same speech."))
    said = passage.verbatim if passage else None
    if said and verbatim and verbatim not in said:
        raise NotInThePassage(
            _("These words do not stand in the passage. Copy them as they were said."), field="demand"
        )


def numbered(speech: Speech, number: int | None, sub: str, parent: Requirement | None) -> tuple[int, str]:
    """The number and letter that a requirement gets; refuses what is taken (rule 5)."""
    number = parent.number if parent else number or queries.next_number(speech)
    sub = sub.strip()
    if parent is not None and not sub:
        sub = queries.next_sub(parent)
        if not sub:
            raise NumberTaken(_("A requirement has 26 parts at most."), field="sub")
    if parent is None and sub:
        raise NumberTaken(_("A part needs the requirement that it belongs to."), field="sub")
    if not FIRST <= number <= LAST:
        raise NumberTaken(_("Please give a number from 1 to 99."), field="number")
    if queries.is_number_taken(speech, number, sub):
        raise NumberTaken(
            _("Number %(number)s is taken in this speech. Please choose another.", number=f"{number}{sub}"),
            field="sub" if parent else "number",
        )
    return number, sub


def _headed(heading: str | None) -> str:
    if not heading:
        raise WrongMoment(_("A requirement needs a heading by which people call it."), field="heading")
    return heading


def _addressee(told: To) -> Addressee:
    department = told.department or queries.find_department_named(told.words)
    return Addressee(words=told.words, words_local=told.words_local, department=department)


def _told(each: Any) -> tuple[str, str | None]:
    return each.words, each.words_local
