"""Writing down a speech while it is held, line by line, and putting the lines in order before the wording is confirmed."""

from collections.abc import Sequence

from app.core import audit
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.requirements import policy, queries
from app.requirements.errors import NotInThePassage, WrongMoment
from app.requirements.models import Requirement
from app.requirements.services.wording import add_requirement, discard_requirements, index_requirement, numbered
from app.speeches import services as speeches
from app.speeches.errors import NotPartOfThis
from app.speeches.holding import hold
from app.speeches.lines import Line, heading_of
from app.speeches.models import DEMANDS, Passage, PassageKind, Speech

ASIDE = 1000  # added to numbers while others take their places


def capture_line(
    speech: Speech, line: Line, *, actor: Actor, kind: PassageKind | str | None = None, line_id: str | None = None
) -> Passage:
    """Record one line; a demand takes the next number, or becomes a part of the last numbered one.

    Without a heading it is called by the beginning of its words. A line that comes again under the same `line_id`, as
    one does whose answer was lost, is the one that is there.
    """
    require(policy.may_record(actor, speech.event))
    hold(speech)
    if line_id:
        before = queries.find_line(speech, line_id)
        if before is not None:
            return before
    speeches.refuse_confirmed(speech)
    parent = _whole_of(speech, line) if line.is_part else None
    meant = PassageKind(line.kind or (parent.kind if parent else None) or kind or PassageKind.DIRECTIVE)
    passage = speeches.add_passage(speech, actor=actor, kind=meant, verbatim=line.words, line_id=line_id)
    if meant in DEMANDS:
        add_requirement(
            speech,
            actor=actor,
            passage=passage,
            kind=meant,
            parent=parent,
            number=None if parent else line.number,
            sub=line.sub,
            heading=line.heading or heading_of(line.words),
            verbatim=line.words,
        )
    return passage


def mend_line(
    passage: Passage,
    *,
    actor: Actor,
    kind: PassageKind | str,
    verbatim: str | None,
    heading: str | None = None,
    number: int | None = None,
    version: int | None = None,
) -> Passage:
    """Put a captured line right: its words, its kind, its number, its heading. Nothing else of it changes."""
    require(policy.may_record(actor, passage.event))
    speeches.hold_open(passage.speech)
    meant, said = PassageKind(kind), passage.verbatim
    requirement = queries.find_captured(passage)
    if requirement is None and passage.is_demand and meant != passage.kind and queries.list_of_passage(passage):
        raise WrongMoment(_("This passage holds several requirements. Edit it in full."), field="kind")
    speeches.reword_passage(
        passage, actor=actor, version=version, kind=meant, verbatim=verbatim, summary=passage.summary,
        summary_local=passage.summary_local, translation=passage.translation,
    )  # fmt: skip
    if requirement is None:
        if meant in DEMANDS and not queries.list_of_passage(passage):
            words = verbatim or passage.summary or passage.summary_local or ""
            add_requirement(
                passage.speech, actor=actor, passage=passage, kind=meant, number=number, verbatim=verbatim,
                heading=heading or heading_of(words), summary=passage.summary, summary_local=passage.summary_local,
            )  # fmt: skip
    elif meant not in DEMANDS:
        discard_requirements(passage, actor=actor)
    else:
        _mend_requirement(requirement, said, actor=actor, kind=meant, heading=heading, number=number)
    return passage


def move_passage(passage: Passage, *, actor: Actor, by: int) -> Passage:
    """Let it change places with the one before it (`by` -1) or after it (1). Numbers stay until they are made anew."""
    speech = passage.speech
    require(policy.may_record(actor, speech.event))
    speeches.hold_open(speech)
    ordered = sorted(speech.passages, key=lambda each: (each.position, each.id))
    place = ordered.index(passage)
    other = place + (1 if by > 0 else -1)
    if not 0 <= other < len(ordered):
        raise WrongMoment(_("It stands at the end already."))
    ordered[place], ordered[other] = ordered[other], ordered[place]
    for position, each in enumerate(ordered, 1):
        if each.position != position:
            edit(each, version=None, position=position)
    db.session.flush()
    db.session.expire(speech, ["passages"])
    speeches.touch(speech)
    audit.record(actor, "passage.moved", passage, position=passage.position)
    return passage


def renumber(speech: Speech, *, actor: Actor) -> Speech:
    """Number the requirements 1, 2, 3 … and their parts a, b, c … in the order in which they were said."""
    require(policy.may_record(actor, speech.event))
    speeches.hold_open(speech)
    wanted = in_order(queries.list_of_speech(speech))
    changed = [each for each, (number, sub) in wanted if (each.number, each.sub) != (number, sub)]
    for each in changed:
        each.number += ASIDE
    db.session.flush()
    for each, (number, sub) in wanted:
        if each in changed:
            edit(each, version=None, number=number, sub=sub)
    db.session.flush()
    if changed:
        speeches.touch(speech)
        audit.record(actor, "speech.renumbered", speech, requirements=len(changed))
    return speech


def in_order(found: Sequence[Requirement]) -> list[tuple[Requirement, tuple[int, str]]]:
    """Each requirement with the number and letter that its place in the speech gives it."""

    def place(each: Requirement) -> tuple[int, int, str, int]:
        passage = each.passage
        return (passage.position if passage else 10**6, each.number, each.sub, each.id)

    wholes = sorted((each for each in found if each.parent_id is None), key=place)
    numbers: list[tuple[Requirement, tuple[int, str]]] = []
    for number, whole in enumerate(wholes, 1):
        numbers.append((whole, (number, "")))
        parts = sorted((each for each in found if each.parent_id == whole.id), key=place)
        numbers += [(part, (number, letter)) for part, letter in zip(parts, queries.LETTERS, strict=False)]
    return numbers


def _whole_of(speech: Speech, line: Line) -> Requirement:
    whole = queries.find_whole(speech, line.number)
    if whole is None:
        raise NotPartOfThis(
            _("There is no requirement %(number)s of which this could be a part.", number=line.number)
            if line.number
            else _("Nothing is numbered yet of which this could be a part."),
            field="line",
        )
    return whole


def _mend_requirement(
    requirement: Requirement,
    said: str | None,
    *,
    actor: Actor,
    kind: PassageKind,
    heading: str | None,
    number: int | None,
) -> None:
    passage = requirement.passage
    assert passage is not None
    words = passage.verbatim if requirement.verbatim == said else requirement.verbatim
    if words and passage.verbatim and words not in passage.verbatim:
        raise NotInThePassage(
            _("The demand that is marked in it does not stand in these words any more. Edit it in full."),
            field="verbatim",
        )
    was_ours = requirement.heading == heading_of(said or "") and heading in (None, requirement.heading)
    called = heading_of(words) if was_ours and words else heading or requirement.heading
    if number is None or requirement.parent_id is not None:
        number = requirement.number
    if number != requirement.number:
        numbered(passage.speech, number, "", None)
    changes = edit(requirement, version=None, kind=kind, heading=called, verbatim=words, number=number)
    for part in requirement.children:
        part.number = number
    if changes:
        speeches.touch(passage.speech)
        audit.record(actor, "requirement.changed", requirement, fields=sorted(changes))
        index_requirement(requirement)
