"""What the hall sees: big words, and nothing that has not happened. A name under embargo, a refusal or a skipped cue
never comes so far as to be a part of a picture."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.awards.models import Award, Recipient, RecipientsKnown
from app.core.i18n import _, format_time, in_language, ngettext
from app.pledges.models import Pledge, SignatureSlot
from app.shows.models import CUE_KIND_LABELS, Cue, CueKind, CueStatus
from app.shows.places import standing
from app.stage import queries
from app.stage.models import Stage

MOST_WORDS = 700  # longer texts are read out, and nobody reads them from the back row
SPOKEN = (CueKind.STATEMENT, CueKind.OATH)  # kinds whose script is what the hall hears, word by word
RESTING = (CueKind.WALK_IN, CueKind.RESET)
AT_THE_BOARD = (CueKind.SIGNING, CueKind.OTHER)  # between two signatures the words are for those behind the stage
WITH_THE_TALLY = (CueKind.READING, CueKind.TALLY, CueKind.CONFERRAL, CueKind.OTHER)


class PictureKind(StrEnum):
    BLANK = "blank"
    HOLDING = "holding"
    TITLE = "title"
    WORDS = "words"
    PHOTOGRAPH = "photograph"
    BOARD = "board"
    TALLY = "tally"
    WINNER = "winner"


@dataclass(frozen=True)
class Place:
    """One place on a signing board. `is_signed` comes from a record, never from a press at the console."""

    role: str
    name: str
    position: str
    is_signed: bool
    is_called: bool


@dataclass(frozen=True)
class Picture:
    kind: PictureKind
    eyebrow: str = ""
    title: str = ""
    names: list[str] = field(default_factory=list)
    words: str = ""
    note: str = ""
    number: str = ""  # of a pledge or a tally
    places: list[Place] = field(default_factory=list)
    is_sealed: bool = False
    is_rehearsal: bool = False
    ceremony_id: int | None = None


def picture_of(stage: Stage) -> Picture:
    """As of this moment, in the reader's language."""
    if stage.is_on and stage.is_blank:
        return Picture(PictureKind.BLANK)
    cue = queries.find_cue_with_all(stage.cue_id) if stage.is_on else None
    rehearsal = stage.is_on and stage.is_rehearsal
    if cue is None or cue.status == CueStatus.SKIPPED or (cue.kind in RESTING and not cue.is_secret):
        return Picture(
            PictureKind.HOLDING,
            eyebrow=stage.event.display_title,
            title=stage.show.display_title,
            is_rehearsal=rehearsal,
        )
    if cue.is_secret:
        return _award(stage, cue, rehearsal)
    if cue.kind in AT_THE_BOARD and cue.pledge is not None:
        return _board(cue, cue.pledge, rehearsal)
    if cue.kind in WITH_THE_TALLY and cue.tally is not None:
        return _tally(cue, rehearsal)
    if cue.kind == CueKind.CALL and cue.pledge is not None and cue.on_stage:
        name, *more = _lines(cue.on_stage)
        return Picture(PictureKind.TITLE, eyebrow=cue.pledge.title, title=name, names=more, is_rehearsal=rehearsal)
    return _words(stage, cue, rehearsal)


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _words(stage: Stage, cue: Cue, rehearsal: bool) -> Picture:
    kind, words, note, title = PictureKind.TITLE, "", "", cue.display_title
    if cue.kind in SPOKEN:
        words = "  \n".join(_lines(in_language(cue.script_local, cue.script)))  # as the lines are spoken
    elif cue.kind == CueKind.READING and cue.pledge is not None:
        title, words = cue.pledge.title, cue.pledge.text or ""
    elif cue.kind == CueKind.BREAK:
        following = _after(stage, cue)
        if following is not None:
            note = _("We go on at %(time)s.", time=format_time(following, stage.event.time_zone))
    if words and len(words) <= MOST_WORDS:
        kind = PictureKind.WORDS
    else:
        words = ""
    if cue.kind == CueKind.PHOTOGRAPH:
        kind = PictureKind.PHOTOGRAPH
    return Picture(
        kind,
        eyebrow="" if cue.kind == CueKind.OTHER else str(CUE_KIND_LABELS[CueKind(cue.kind)]),
        title=title,
        names=standing(cue.on_stage) or _lines(cue.on_stage),
        words=words,
        note=note,
        is_rehearsal=rehearsal,
        ceremony_id=cue.ceremony_id,
    )


def _after(stage: Stage, cue: Cue) -> datetime | None:
    ahead = (
        each
        for each in queries.list_cues_plainly(stage.show)
        if each.position > cue.position and each.status == CueStatus.PLANNED and each.kind != CueKind.RESET
    )
    following = next(ahead, None)
    return following.starts_at if following is not None else None


def _held_by(slot: SignatureSlot) -> str:
    """The position of a signatory; where a deputy signed, who that was: nobody seems to have signed who did not."""
    deputy = slot.signature.statement.get("deputy") if slot.signature is not None else None
    return _("by %(name)s as deputy", name=deputy["name"]) if deputy else _position_of(slot)


def _position_of(slot: SignatureSlot) -> str:
    """As it was frozen, in the language of the pledge; to a Chinese hall in Chinese where it is known so."""
    return in_language(slot.person.local_title(slot.position_title), slot.position_title)


def _board(cue: Cue, pledge: Pledge, rehearsal: bool) -> Picture:
    """The places of a pledge. Whoever has not signed has a name and nothing else: no count, no "waiting", no "declined"."""
    places = [
        Place(
            role=slot.role_label,
            name=slot.person.display_name,
            position=_held_by(slot),
            is_signed=slot.is_signed,
            is_called=slot.id == cue.slot_id,
        )
        for slot in pledge.slots
    ]
    sealed = pledge.in_force_at is not None and all(each.is_signed for each in places)
    seal = pledge.document.code if sealed and pledge.document is not None else None
    return Picture(
        PictureKind.BOARD,
        eyebrow=pledge.team.display_name if pledge.team else "",
        title=pledge.title,
        number=pledge.label,
        places=places,
        is_sealed=sealed,
        note=_("Seal number %(code)s", code=seal) if seal else "",
        is_rehearsal=rehearsal,
    )


def _tally(cue: Cue, rehearsal: bool) -> Picture:
    """Until it is conferred it is announced; then the hall reads what it says and to whom it was given."""
    tally = cue.tally
    assert tally is not None
    campaign = tally.campaign.display_name
    if tally.conferred_at is None:
        note = _("Here the inscription appears once it is conferred.") if rehearsal else ""
        return Picture(
            PictureKind.TITLE, eyebrow=campaign, title=_("Conferral of a tally"), names=_lines(cue.on_stage), note=note,
            is_rehearsal=rehearsal,
        )  # fmt: skip
    commander = tally.campaign.commander
    holders = [commander.display_name] if commander is not None else []  # the halves follow, confirmed by both hands
    return Picture(
        PictureKind.TALLY, eyebrow=campaign, title=tally.display_inscription, names=holders,
        words=tally.display_scope, number=tally.label, is_rehearsal=rehearsal,
    )  # fmt: skip


def _award(stage: Stage, cue: Cue, rehearsal: bool) -> Picture:
    award = cue.award
    revealed = queries.was_revealed(stage, cue)
    if award is None:  # only its words can tell, and they do so when two operators said it
        if not revealed or rehearsal:
            return _announced(cue, None, rehearsal, revealed)
        return Picture(
            PictureKind.WINNER, eyebrow=str(CUE_KIND_LABELS[CueKind(cue.kind)]), title=cue.display_title,
            names=_lines(cue.on_stage),
        )  # fmt: skip
    if not award.is_conferred or award.end is not None:
        return _announced(cue, award, rehearsal, revealed)
    spelling = queries.spelling_of(cue)
    names = _lines(spelling) if spelling else [_name(each) for each in award.recipients]
    note = ""
    if award.recipients_known == RecipientsKnown.COUNTED and award.recipients_count:
        note = ngettext("%(num)s recipient", "%(num)s recipients", award.recipients_count)
    return Picture(
        PictureKind.WINNER, eyebrow=award.category.display_title if award.category else "",
        title=award.display_title, names=names, words=award.display_citation, note=note, is_rehearsal=rehearsal,
    )  # fmt: skip


def _announced(cue: Cue, award: Award | None, rehearsal: bool, revealed: bool) -> Picture:
    """The category, if there is one: titles of awards and of their cues may hold a name."""
    category = award.category if award is not None else None
    note = _("Here the winner appears.") if rehearsal and revealed else ""
    return Picture(
        PictureKind.TITLE, eyebrow=_("Awarding") if category else "",
        title=category.display_title if category else _("Awarding"), note=note, is_rehearsal=rehearsal,
    )  # fmt: skip


def _name(recipient: Recipient) -> str:
    name = recipient.display_name
    return f"{name}, {recipient.outside_organization}" if recipient.outside_organization else name
