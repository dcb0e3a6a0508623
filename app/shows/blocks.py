"""The usual sequences as ready rows: a signing of pledges, the conferral of a tally, an award.

Everything is made in both languages; where there is one column for them, as for sound, light, screen and props, both
stand in it. Winners are in no word of an award's block: the rows show them to those who may
know. A conferral on stage happens when the cue of the kind *conferral* that names the tally or the award is called.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.awards.models import Award
from app.core import audit
from app.core.errors import Refused, require
from app.core.i18n import _, in_both, in_language, said_in_both
from app.core.roles import Actor
from app.people.models import Person
from app.pledges.models import Pledge, PledgeState, SignatureSlot, SlotRole
from app.shows import places, policy
from app.shows.errors import NeedsReason
from app.shows.models import Cue, CueKind, Show
from app.shows.places import both_names, by_first_called, marks_of, row_words
from app.shows.rows import HARMLESS
from app.shows.services import hold, put_in, settle
from app.tallies.models import Side, Tally


@dataclass
class Block:
    """Rows that are being put together; what all of them stand for comes with each."""

    show: Show
    number: int
    common: dict[str, Any] = field(default_factory=dict)
    cues: list[Cue] = field(default_factory=list)

    def add(self, kind: CueKind, words: Callable[[], str], minutes: int = 1, **values: Any) -> Cue:
        title, title_local = said_in_both(words)
        given: dict[str, Any] = {
            **self.common,
            **{name: in_both(each) if callable(each) else each for name, each in values.items()},
        }
        cue = put_in(
            self.show, title=title[:200], title_local=title_local[:200], block=self.number, kind=kind, minutes=minutes, **given
        )  # fmt: skip
        self.cues.append(cue)
        return cue


def new_block(show: Show) -> Block:
    return Block(show, max((each.block for each in show.cues), default=0) + 1)


def _done(block: Block, actor: Actor, kind: str, reason: str | None = None, **details: Any) -> list[Cue]:
    settle(block.show)
    audit.record(
        actor, "show.block_added", block.show, reason=reason, kind=kind, block=block.number, cues=len(block.cues), **details
    )  # fmt: skip
    return block.cues


# --- signing ------------------------------------------------------------------------------------------------------


def calling_order(show: Show, pledges: Sequence[Pledge]) -> list[SignatureSlot]:
    """Those who give their word, as they are called."""
    return places.calling_order(
        show.event, [each for pledge in pledges for each in pledge.slots if each.role == SlotRole.PLEDGER]
    )


def add_signing_block(
    show: Show,
    *,
    actor: Actor,
    pledges: Sequence[Pledge],
    order: Sequence[SignatureSlot] | None = None,
    reason: str | None = None,
) -> list[Cue]:
    """Twelve cues or more: each pledge is read, its people are called by rank, each signs, then witness and countersigner.

    `order` is that in which those who give their word are called; where it is not the one of their ranks, a reason is
    needed, and the log keeps both.
    """
    require(policy.may_plan(actor, show.event))
    hold(show)
    if not pledges:
        raise Refused(_("Choose the pledges that are signed."), field="pledges")
    for each in pledges:
        if each.state not in (PledgeState.DRAFT, PledgeState.OPEN) or not each.slots:
            raise Refused(_("“%(title)s” cannot be signed on stage.", title=each.title), field="pledges")
    usual = calling_order(show, pledges)
    order = list(order) if order is not None else usual
    if {each.id for each in order} != {each.id for each in usual}:
        raise Refused(_("Everybody who gives their word on these pledges is called once."), field="pledges")
    departs = [each.id for each in order] != [each.id for each in usual]
    if departs and not reason:
        raise NeedsReason(_("This is not the order of precedence. Say why it is another one."), field="reason")
    block = new_block(show)
    block.add(CueKind.OTHER, lambda: _("Signing of pledges"))
    for pledge in by_first_called(pledges, order):
        _sign(block, pledge, [each for each in order if each.pledge_id == pledge.id])
    block.common = {}
    everybody = [slot.person for pledge in pledges for slot in pledge.slots]
    row = row_words(show.event, everybody, show.precedence)
    block.add(CueKind.PHOTOGRAPH, lambda: _("Photograph of all"), 2, on_stage=row, can_be_cut=True)
    block.add(CueKind.RESET, lambda: _("The stage is cleared"), props=lambda: _("Tables, folders and pens go off"))
    return _done(block, actor, "signing", reason, departs=departs, order=[each.ref for each in order])


def _sign(block: Block, pledge: Pledge, pledgers: Sequence[SignatureSlot]) -> None:
    block.common = {"pledge": pledge}
    marks = marks_of(pledge, block.show.precedence)
    block.add(
        CueKind.READING, lambda: _("The heading of %(label)s is read", label=pledge.label),
        script=pledge.title, screen=lambda: _("Heading of %(label)s", label=pledge.label),
    )  # fmt: skip
    for slot in pledgers:
        _call_and_sign(block, slot, marks)
    for role in (SlotRole.WITNESS, SlotRole.COUNTERSIGNER):
        for slot in [each for each in pledge.slots if each.role == role]:
            _signature(block, slot, marks)
    block.add(
        CueKind.OTHER, lambda: _("Folders are exchanged, the seal number is shown"), screen=lambda: _("Seal number of %(label)s", label=pledge.label),
        props=lambda: _("Two folders"), can_be_cut=True,
    )  # fmt: skip
    block.add(CueKind.PHOTOGRAPH, lambda: _("Photograph for %(label)s", label=pledge.label), can_be_cut=True)


def _call_and_sign(block: Block, slot: SignatureSlot, marks: dict[int, str]) -> None:
    block.add(
        CueKind.CALL, lambda: _("%(name)s is called", name=_name(slot.person)),
        slot=slot, on_stage=_who(slot), stage_position=marks[slot.person_id],
    )  # fmt: skip
    block.add(
        CueKind.OTHER, lambda: _("Device or folder is handed to %(name)s", name=_name(slot.person)), 0,
        slot=slot, props=lambda: _("Device, folder and pen"),
    )  # fmt: skip
    _signature(block, slot, marks)


def _signature(block: Block, slot: SignatureSlot, marks: dict[int, str]) -> None:
    words = {
        SlotRole.WITNESS: lambda: _("%(name)s signs as witness", name=_name(slot.person)),
        SlotRole.COUNTERSIGNER: lambda: _("%(name)s countersigns", name=_name(slot.person)),
    }.get(SlotRole(slot.role), lambda: _("%(name)s signs", name=_name(slot.person)))
    block.add(
        CueKind.SIGNING, words, slot=slot, on_stage=_who(slot), stage_position=marks[slot.person_id],
        screen=lambda: _("Signing board: signed only when it is stored"),
    )  # fmt: skip


def _name(person: Person) -> str:
    return in_language(person.name_local, person.name)


def _who(slot: SignatureSlot) -> str:
    """The name in both languages, and below it the position in both."""
    titles = (slot.position_title, slot.person.local_title(slot.position_title))
    return "\n".join(each for each in (both_names(slot.person), " ".join(one for one in titles if one)) if each)


# --- tally --------------------------------------------------------------------------------------------------------


def add_tally_block(show: Show, *, actor: Actor, tally: Tally) -> list[Cue]:
    """From the charge to the custody, with the commander's statement between."""
    require(policy.may_plan(actor, show.event))
    hold(show)
    if tally.settled_at is not None:
        raise Refused(_("This tally is no longer in use."), field="tally_ref")
    block = new_block(show)
    block.common = {"tally": tally}
    campaign = tally.campaign
    commander = next((each.holder for each in tally.halves if each.side == Side.LEFT), None) or campaign.commander
    holder = both_names(commander) if commander is not None else None
    words = {"script": tally.inscription, "script_local": tally.inscription_local}
    block.add(CueKind.READING, lambda: _("The charge is recited"), **words)
    block.add(
        CueKind.TALLY,
        lambda: _("The right half is shown"),
        props=lambda: _("Right half on its tray"),
        screen=lambda: _("Right half"),
    )
    block.add(
        CueKind.CONFERRAL, lambda: _("The left half is handed to the commander"), on_stage=holder,
        props=lambda: _("Left half on its tray"), screen=lambda: _("Tally with its inscription"),
    )  # fmt: skip
    block.add(CueKind.TALLY, lambda: _("The halves are put together"), screen=lambda: _("Both halves side by side"))
    block.add(CueKind.STATEMENT, lambda: _("Statement of the commander"), 3, on_stage=holder)
    block.add(CueKind.OTHER, lambda: _("Both sides confirm the custody"), props=lambda: _("Custody slips to sign"))
    block.add(CueKind.PHOTOGRAPH, lambda: _("Photograph with the tally"), can_be_cut=True)
    block.add(CueKind.RESET, lambda: _("The stage is cleared"), 0)
    return _done(block, actor, "tally", tally=tally.ref)


# --- award --------------------------------------------------------------------------------------------------------


def add_award_block(show: Show, *, actor: Actor, award: Award, presenters_on_stage: bool = False) -> list[Cue]:
    """The usual sequence: recipients, trays, presenters, conferral, photograph. Where the presenters sit on stage
    already, the trays come first and the recipients after them."""
    require(policy.may_plan(actor, show.event) and policy.sees_names(actor, show.event))
    hold(show)
    if award.is_conferred or award.end is not None:
        raise Refused(_("This award is not to be conferred any more."), field="award_ref")
    block = new_block(show)
    block.common = {"award": award}
    trays = words_of("props")
    block.add(CueKind.READING, words_of("criteria"))
    block.add(CueKind.REVEAL, words_of("reveal"), sound=lambda: _("Fanfare"), light=lambda: _("Full light"))
    if presenters_on_stage:
        block.add(CueKind.OTHER, words_of("trays"), props=trays)
        block.add(CueKind.CALL, words_of("recipients"))
    else:
        block.add(CueKind.CALL, words_of("recipients"))
        block.add(CueKind.OTHER, words_of("trays"), props=trays)
        block.add(CueKind.CALL, words_of("presenters"))
    block.add(CueKind.OTHER, words_of("hand_over"), 0)
    block.add(CueKind.CONFERRAL, words_of("confer"), screen=words_of("screen"))
    block.add(CueKind.PHOTOGRAPH, words_of("photograph"), can_be_cut=True)
    block.add(CueKind.RESET, words_of("led_off"))
    return _done(block, actor, "award", award=award.ref)


def words_of(key: str) -> Callable[[], str]:
    return lambda: str(HARMLESS[key])
