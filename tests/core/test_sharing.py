"""Who lets in the next: the doorkeepers of several workers, without processes."""

from collections.abc import Callable

import pytest

from app.core import sharing
from app.core.sharing import PATIENCE, Doorkeeper, Loads


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """The monotonic clock stands, and goes on by so many seconds when called."""
    now = [100.0]
    monkeypatch.setattr(sharing.time, "monotonic", lambda: now[0])

    def go_on(seconds: float) -> None:
        now[0] += seconds

    return go_on


def admit(*asked: tuple[Doorkeeper, int]) -> list[bool]:
    return [each.opens_for(load) is not None for each, load in asked]


@pytest.mark.usefixtures("clock")
def test_the_least_busy_lets_in_the_next() -> None:
    loads = Loads(3)
    first, second, third = (Doorkeeper(loads, number) for number in range(3))
    assert admit((first, 2), (second, 1), (third, 1)) == [True, True, True]  # each as far as it knew
    assert admit((first, 2), (second, 1), (third, 1)) == [False, True, True]
    assert admit((first, 0), (second, 1), (third, 0)) == [True, False, True]


@pytest.mark.usefixtures("clock")
def test_nothing_is_left_to_a_worker_that_is_not_there_or_full() -> None:
    loads = Loads(2)
    here, other = Doorkeeper(loads, 0), Doorkeeper(loads, 1)
    assert admit((here, 7)) == [True], "the other has not started yet"
    assert admit((other, 0), (here, 7)) == [True, False]
    loads.leave(1)
    assert admit((here, 7)) == [True], "the other has ended"
    admit((other, 3))
    other.is_full()
    assert admit((here, 300)) == [True], "the other is full"


def test_a_worker_that_hangs_keeps_nobody_waiting_for_long(clock: Callable[[float], None]) -> None:
    loads = Loads(2)
    Doorkeeper(loads, 1).opens_for(0)  # and is never heard of again
    here = Doorkeeper(loads, 0)
    assert here.opens_for(1) is None
    clock(PATIENCE * 0.9)
    assert here.opens_for(1) is None
    clock(PATIENCE * 0.2)
    assert here.opens_for(1) == 0.0, "for one who stands there, not for those who come meanwhile"
    assert here.opens_for(2) is None, "one at a time"
    clock(PATIENCE * 1.1)
    assert here.opens_for(2) == 0.0
