"""Things change hands when both who were there have said so."""

import io
from datetime import timedelta

import pytest

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.core.roles import SYSTEM
from app.custody import queries, services
from app.custody.errors import (
    ConditionMissing,
    NotPossibleNow,
    NotTheHolder,
    OneForBoth,
    ReasonMissing,
    ReceiptMissing,
    SamePerson,
    WaitsForConfirmation,
    WrongDay,
)
from app.custody.models import AWARD
from app.events.models import Event
from app.people.models import Person
from tests.cast import Cast
from tests.factories import make_event

THING = "0123456789abcdef"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


@pytest.fixture
def event(cast: Cast) -> Event:
    with unit_of_work():
        return make_event()


def hand_over(event: Event, actor, **more):
    with unit_of_work():
        return services.hand_over(event, AWARD, THING, named="The cup", actor=actor, **more)


def confirm(custody, actor, **more):
    with unit_of_work():
        return services.confirm(custody, actor=actor, **more)


def test_rule_33_a_thing_has_changed_hands_when_both_have_confirmed_it(cast: Cast, event: Event) -> None:
    petra = cast.people["petra"]
    made = hand_over(event, cast.olaf, taker=petra, place="Stage", condition="New")
    assert made.from_confirmed_at
    assert not made.to_confirmed_at
    assert queries.holder_now(AWARD, THING).person is None
    assert list(queries.list_waiting_for(cast.petra, petra)) == [made]
    with pytest.raises(Forbidden):
        confirm(made, cast.tom)
    confirm(made, cast.petra)
    held = queries.holder_now(AWARD, THING)
    assert (held.person, held.since, held.is_lost) == (petra, made.at, False)
    assert queries.list_held_by(petra) == [made]
    with pytest.raises(NotPossibleNow):
        confirm(made, cast.petra)

    given = hand_over(event, cast.petra, giver=petra, kind="return", condition="A scratch")
    assert queries.holder_now(AWARD, THING).person is petra
    confirm(given, cast.sara)
    assert queries.holder_now(AWARD, THING).person is None
    assert queries.list_held_by(petra) == []
    assert [each.kind for each in queries.history(AWARD, THING)] == ["handover", "return"]


def test_one_person_does_not_confirm_for_both_sides(cast: Cast, event: Event) -> None:
    made = hand_over(event, cast.olaf, taker=cast.people["olaf"])
    assert made.to_confirmed_at
    assert not made.from_confirmed_at
    with pytest.raises(OneForBoth):
        confirm(made, cast.olaf)
    confirm(made, cast.sara)
    assert made.is_settled


def test_for_somebody_without_an_account_the_office_shows_the_signed_receipt(cast: Cast, event: Event) -> None:
    with unit_of_work():
        guest = Person(name="Guest Winner", name_key="guest winner", email=None)
        db.session.add(guest)
    made = hand_over(event, cast.olaf, taker=guest)
    with pytest.raises(ReceiptMissing):
        confirm(made, cast.sara)
    with unit_of_work():
        photo = services.keep_photo(io.BytesIO(PNG), actor=cast.sara)
        services.confirm(made, actor=cast.sara, photo=photo)
    assert queries.holder_now(AWARD, THING).person is guest


def test_what_somebody_held_who_has_left_comes_back_with_a_receipt(cast: Cast, event: Event) -> None:
    petra = cast.people["petra"]
    confirm(hand_over(event, cast.olaf, taker=petra), cast.petra)
    back = hand_over(event, cast.olaf, giver=petra, kind="return", condition="Fine.")
    with pytest.raises(NotPossibleNow):  # as long as she can say it herself
        confirm(back, cast.sara)
    with unit_of_work():
        cast.petra.disabled_at = clock.now()
    with pytest.raises(ReceiptMissing):
        confirm(back, cast.sara)
    with unit_of_work():
        services.confirm(back, actor=cast.sara, photo=services.keep_photo(io.BytesIO(PNG), actor=cast.sara))
    assert queries.holder_now(AWARD, THING).person is None


def test_odd_changes_of_hands_are_refused_and_change_nothing(cast: Cast, event: Event) -> None:
    petra, tom = cast.people["petra"], cast.people["tom"]
    with pytest.raises(Forbidden):
        hand_over(event, cast.tom, taker=tom)
    with pytest.raises(SamePerson):
        hand_over(event, cast.olaf)
    with pytest.raises(NotTheHolder):
        hand_over(event, cast.olaf, giver=tom, taker=petra)
    with pytest.raises(WrongDay):
        hand_over(event, cast.olaf, taker=petra, at=clock.now() + timedelta(hours=1))
    assert not queries.history(AWARD, THING)

    made = hand_over(event, cast.olaf, taker=petra)
    with pytest.raises(WaitsForConfirmation):
        hand_over(event, cast.olaf, taker=tom)
    confirm(made, cast.petra)
    with pytest.raises(ConditionMissing):
        hand_over(event, cast.petra, giver=petra, kind="return")
    with pytest.raises(WrongDay):
        hand_over(event, cast.petra, giver=petra, taker=tom, at=made.at - timedelta(days=1))
    assert queries.holder_now(AWARD, THING).person is petra


def test_a_wrong_record_is_taken_back_with_its_reason_until_both_have_confirmed(cast: Cast, event: Event) -> None:
    petra = cast.people["petra"]
    made = hand_over(event, cast.olaf, taker=petra)
    with pytest.raises(ReasonMissing), unit_of_work():
        services.withdraw(made, actor=cast.petra, reason=None)
    with unit_of_work():
        services.withdraw(made, actor=cast.petra, reason="I never had it.")
    with pytest.raises(NotPossibleNow):
        confirm(made, cast.petra)
    made = hand_over(event, cast.olaf, taker=petra)
    confirm(made, cast.petra)
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.withdraw(made, actor=cast.olaf, reason="Too late.")
    assert queries.holder_now(AWARD, THING).person is petra


def test_a_loss_counts_at_once_and_ends_what_was_under_way(cast: Cast, event: Event) -> None:
    petra = cast.people["petra"]
    confirm(hand_over(event, cast.olaf, taker=petra), cast.petra)
    under_way = hand_over(event, cast.petra, giver=petra, taker=cast.people["tom"])
    with pytest.raises(Forbidden), unit_of_work():
        services.report_loss(event, AWARD, THING, named="The cup", actor=cast.tom, reason="Gone.")
    with pytest.raises(ReasonMissing), unit_of_work():
        services.report_loss(event, AWARD, THING, named="The cup", actor=cast.petra, reason=None)
    with unit_of_work():
        lost = services.report_loss(event, AWARD, THING, named="The cup", actor=cast.petra, reason="Left in a train.")
    assert queries.holder_now(AWARD, THING).is_lost
    assert under_way.withdrawn_at is not None
    with pytest.raises(NotPossibleNow):
        hand_over(event, SYSTEM, taker=petra)
    with unit_of_work():
        services.withdraw(lost, actor=cast.olaf, reason="Found again.")
    assert queries.holder_now(AWARD, THING).person is petra


def test_what_is_kept_for_good_counts_with_the_word_of_both_and_is_only_given_back(cast: Cast, event: Event) -> None:
    petra = cast.people["petra"]
    with pytest.raises(NotTheHolder):  # nobody keeps what lies in the office
        hand_over(event, cast.olaf, taker=petra, kind="kept")
    confirm(hand_over(event, cast.olaf, taker=petra), cast.petra)
    with pytest.raises(Forbidden):
        hand_over(event, cast.petra, taker=petra, kind="kept")
    left = hand_over(event, cast.olaf, taker=petra, kind="kept")
    assert not queries.holder_now(AWARD, THING).for_good
    confirm(left, cast.petra)
    holding = queries.holder_now(AWARD, THING)
    assert (holding.person, holding.for_good) == (petra, True)
    assert queries.list_held_by(petra) == [left]
    with pytest.raises(NotPossibleNow):
        hand_over(event, cast.petra, giver=petra, taker=cast.people["tom"])
    confirm(hand_over(event, cast.petra, giver=petra, kind="return", condition="Fine."), cast.olaf)
    assert queries.holder_now(AWARD, THING).person is None
