"""Who stands where and who comes first: from ranks and a rule, never from the alphabet (rule 34). Pure.

Places are counted from the hall's left. Whoever stands on stage looks the other way: the hall's right is their own left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.shows.models import Precedence


@dataclass(frozen=True, slots=True)
class Place:
    """`rank` counts from 1. `from_left` counts from 1, as the hall sees the row from its left."""

    rank: int
    from_left: int
    own_side: str  # middle, own_left, own_right
    steps: int  # from the middle of the row, where a half counts as a whole: the first beside it is 1


def row_of(count: int, rule: Precedence | str) -> list[int]:
    """The ranks as the hall reads them from left to right. The first stands in the middle, the second beside them on the
    higher side, then in turn. Of an even number two share the middle: the second is on the first's higher side too."""
    higher: list[int] = []
    lower: list[int] = []
    for rank in range(2, count + 1):
        (higher if rank % 2 == 0 else lower).append(rank)
    if rule == Precedence.OWN_LEFT_FIRST:  # the own left is the hall's right
        left, right = lower, higher
    else:
        left, right = higher, lower
    return [*reversed(left), *([1] if count else []), *right]


def places_of(count: int, rule: Precedence | str) -> list[Place]:
    """By rank. Of an even number nobody stands in the very middle: the two beside it are one step from it."""
    row = row_of(count, rule)
    by_rank = {rank: at for at, rank in enumerate(row)}
    places = []
    for rank in range(1, count + 1):
        at = by_rank[rank]
        off = at - count // 2
        if count % 2 == 0 and off >= 0:
            off += 1
        side = "middle" if off == 0 else ("own_right" if off < 0 else "own_left")
        places.append(Place(rank, at + 1, side, abs(off)))
    return places


def depths(managers: Mapping[int, int | None]) -> dict[int, int]:
    """How many stand above each person. A circle, which nobody means, ends where it closes."""
    found: dict[int, int] = {}
    for person in managers:
        chain, at = [], person
        while at not in found and at not in chain:
            chain.append(at)
            above = managers.get(at)
            if above is None or above not in managers:
                break
            at = above
        start = found.get(at, -1) if at not in chain else -1
        for each in reversed(chain):
            start += 1
            found[each] = start
    return found


def followers(managers: Mapping[int, int | None], depth: Mapping[int, int]) -> dict[int, int]:
    """How many stand below each person, at any distance."""
    found = dict.fromkeys(managers, 0)
    for person in sorted(managers, key=lambda each: -depth[each]):
        above = managers[person]
        if above in found and depth[above] < depth[person]:
            found[above] += found[person] + 1
    return found


def in_rank(people: Sequence[int], *, presiding: frozenset[int], managers: Mapping[int, int | None]) -> list[int]:
    """The ids of people by rank: who presides first, then who has fewer people above them, then who has more below them;
    equals keep the order in which they came."""
    depth = depths(managers)
    below = followers(managers, depth)
    known = {each: at for at, each in enumerate(people)}
    return sorted(
        people, key=lambda each: (each not in presiding, depth.get(each, len(depth)), -below.get(each, 0), known[each])
    )
