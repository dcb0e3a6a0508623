"""Who is called when and stands where, in words of the table: by the order of precedence (rule 34)."""

from collections.abc import Sequence
from typing import Any

from app.core.i18n import _, in_both, said_in_both
from app.events.models import Event
from app.people.models import Person
from app.pledges.models import Pledge, SignatureSlot, SlotRole
from app.shows import queries
from app.shows.models import Cue, CueKind, Precedence, Show
from app.shows.precedence import Place, places_of

Called = dict[int, list[SignatureSlot]]

# --- called -------------------------------------------------------------------------------------------------------


def calling_order(event: Event, slots: Sequence[SignatureSlot]) -> list[SignatureSlot]:
    """By rank; who gives their word twice, by the numbers of the pledges."""
    rank = {each.id: at for at, each in enumerate(queries.in_rank(event, [each.person for each in slots]))}
    return sorted(slots, key=lambda each: (rank[each.person_id], each.pledge.label, each.position))


def by_first_called(pledges: Sequence[Pledge], order: Sequence[SignatureSlot]) -> list[Pledge]:
    """A pledge comes when the first of its people is called; one that nobody pledges comes last."""
    first: dict[int, int] = {}
    for at, slot in enumerate(order):
        first.setdefault(slot.pledge_id, at)
    return sorted(pledges, key=lambda each: (first.get(each.id, len(order)), each.label))


def called(cues: Sequence[Cue]) -> Called:
    """By block: those who give their word, as the rows call them."""
    found: Called = {}
    for cue in cues:
        if cue.kind == CueKind.CALL and cue.slot is not None and cue.slot.role == SlotRole.PLEDGER:
            found.setdefault(cue.block, []).append(cue.slot)
    return found


def is_by_rank(event: Event, slots: Sequence[SignatureSlot]) -> bool:
    """Whether a block calls them as they would be put in: pledge after pledge, in each by rank."""
    order = calling_order(event, slots)
    pledges = by_first_called(list({each.pledge_id: each.pledge for each in slots}.values()), order)
    usual = [each for pledge in pledges for each in order if each.pledge_id == pledge.id]
    return [each.id for each in slots] == [each.id for each in usual]


# --- standing -----------------------------------------------------------------------------------------------------


def marks_of(pledge: Pledge, rule: Precedence | str) -> dict[int, str]:
    """Where each of one pledge's people stands, by the person's id."""
    people = queries.in_rank(pledge.event, [each.person for each in pledge.slots])
    return {person.id: place_words(place) for person, place in zip(people, places_of(len(people), rule), strict=True)}


def place_words(place: Place) -> str:
    """Always with whose left: the principal's own, and the hall's."""
    return in_both(lambda: _place_words(place))


def _place_words(place: Place) -> str:
    if place.own_side == "middle":
        return _("mark %(number)s, middle", number=place.from_left)
    words = {
        "own_left": _("own left %(steps)s = hall right", steps=place.steps),
        "own_right": _("own right %(steps)s = hall left", steps=place.steps),
    }
    return _("mark %(number)s, %(side)s", number=place.from_left, side=words[place.own_side])


def row_words(event: Event, people: Sequence[Person], rule: Precedence | str) -> str:
    """All of them in one row, for a photograph."""
    people = queries.in_rank(event, people)
    by_place = sorted(zip(places_of(len(people), rule), people, strict=True), key=lambda each: each[0].from_left)
    return "\n".join([in_both(_row_head), *(f"{place.from_left} {both_names(person)}" for place, person in by_place)])


def _row_head() -> str:
    return _("From the hall's left:")


def both_names(person: Person) -> str:
    return f"{person.name} {person.name_local}" if person.name_local else person.name


def moved(show: Show, old: Precedence | str) -> dict[Cue, dict[str, Any]]:
    """What another rule says of places that follow from the old one. What was written otherwise stays."""
    found: dict[Cue, dict[str, Any]] = {}
    for cue in show.cues:
        if cue.stage_position is not None and cue.slot is not None:
            before, after = (marks_of(cue.slot.pledge, each) for each in (old, show.precedence))
            person = cue.slot.person_id
            if cue.stage_position == before.get(person) != after.get(person):
                found[cue] = {"stage_position": after[person]}
        elif cue.kind == CueKind.PHOTOGRAPH and cue.on_stage is not None:
            people = _signing_in(show, cue.block)
            if people and cue.on_stage == row_words(show.event, people, old):
                found[cue] = {"on_stage": row_words(show.event, people, show.precedence)}
    return found


def _signing_in(show: Show, block: int) -> list[Person]:
    pledges = {each.pledge_id: each.pledge for each in show.cues if each.block == block and each.pledge is not None}
    return [slot.person for pledge in pledges.values() for slot in pledge.slots]


def is_other_row(before: str | None, after: str | None) -> bool:
    """Whether people who stood in a row by rank stand in another order now. A name that is spelled anew is no such thing."""
    old, new = standing(before), standing(after)
    both = set(old) & set(new)
    return bool(old) and [each for each in old if each in both] != [each for each in new if each in both]


def standing(words: str | None) -> list[str]:
    """The names of a row, from the hall's left; nothing where the words are no row."""
    heads = (in_both(_row_head), *said_in_both(_row_head))
    head, *names = (words or "").splitlines() or [""]
    return [each.lstrip("0123456789 ") for each in names] if head in heads else []
