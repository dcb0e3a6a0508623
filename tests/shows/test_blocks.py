"""Ready blocks: a signing by precedence, a tally, an award in both of its usual orders."""

import pytest

from app.core import audit
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.i18n import force_locale
from app.people.models import Position
from app.shows import blocks, queries, rows
from app.shows.errors import NeedsReason, NotOfThisEvent
from app.shows.places import standing
from app.shows.services import add_cue, edit_cue, edit_show, move_cue, publish
from app.tallies.models import Tally
from tests.cast import Cast
from tests.factories import make_event, make_person, on, save
from tests.factories.campaigns import make_campaign
from tests.factories.pledges import make_open, make_round, make_trio
from tests.factories.rites import make_award
from tests.factories.shows import make_cue, make_show


def test_the_twelve_cues_of_a_signing_stand_in_the_usual_order(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show = make_show(event)
        make_cue(show)
        pledge = make_trio(event, cast, title="Ninety days")
        made = blocks.add_signing_block(show, actor=cast.olaf, pledges=[pledge])
    kinds = ["other", "reading", "call", "other", "signing", "signing", "signing", "other", "photograph", "photograph", "reset"]  # fmt: skip
    assert [each.kind for each in made] == kinds
    assert [each.number for each in made[:3]] == ["201", "202", "203"]
    signings = [each for each in made if each.kind == "signing"]
    assert [each.slot.role for each in signings] == ["pledger", "witness", "countersigner"]
    assert all(each.pledge_id == pledge.id for each in signings)
    assert made[2].title == f"{cast.people['petra'].name} is called"
    assert made[2].title_local
    assert made[2].title_local != made[2].title
    assert "own" in str(made[2].stage_position)
    assert "hall" in str(made[2].stage_position)


def test_what_a_block_puts_in_is_read_in_both_languages(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show = make_show(event)
        petra = cast.people["petra"]
        save(Position(person=petra, title="Kiln keeper", title_local="窑主", from_on=on(2020, 1, 1)))
        pledge = make_trio(event, cast)
        pledge.slots[0].position_title = "Kiln keeper"
        signing = blocks.add_signing_block(show, actor=cast.olaf, pledges=[pledge])
        award = blocks.add_award_block(show, actor=cast.olaf, award=make_award(event))
        cues = [*signing, *award]
    assert signing[2].on_stage == f"{petra.name}\nKiln keeper 窑主"
    for cue in cues:
        assert cue.title_local
        assert cue.title_local != cue.title
        for name in ("sound", "light", "screen", "props", "stage_position"):
            words = getattr(cue, name)
            assert words is None or is_in_both(words), (cue.title, words)
    assert is_in_both(str(signing[-2].on_stage).splitlines()[0])
    masked = [rows.masked(rows.row_of(each)) for each in award]
    assert [each.props for each in masked] == [each.props for each in award], "what names nobody stays readable"


def is_in_both(words: str) -> bool:
    english, chinese = words.split(" / ")
    return english.isascii() and not chinese.isascii()


def test_signatories_of_several_pledges_are_called_by_rank(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show, round_ = make_show(event), make_round(event)
        boss = make_person(name="Zhao Boss")
        lower = make_person(name="An Lower", manager=boss)
        leader = cast.people["li_wei"]
        second = make_open(event, {lower: "pledger", leader: "countersigner"}, round=round_)
        first = make_open(event, {boss: "pledger", leader: "countersigner"}, round=round_)
        pledges = list(queries.list_pledges_to_sign(event, round_))
        usual = blocks.calling_order(show, pledges)
    assert [each.person.name for each in usual] == ["Zhao Boss", "An Lower"]
    with pytest.raises(NeedsReason), unit_of_work():
        blocks.add_signing_block(show, actor=cast.olaf, pledges=pledges, order=list(reversed(usual)))
    with pytest.raises(Refused), unit_of_work():
        blocks.add_signing_block(show, actor=cast.olaf, pledges=pledges, order=usual[:1])
    with unit_of_work():
        made = blocks.add_signing_block(
            show,
            actor=cast.olaf,
            pledges=pledges,
            order=list(reversed(usual)),
            reason="The guest of honour asked for it",
        )
    called = [each.slot.person.name for each in made if each.kind == "call"]
    assert called == ["An Lower", "Zhao Boss"]
    assert [each.pledge for each in made if each.kind == "reading"] == [second, first]
    entry = db.session.query(audit.AuditEntry).filter_by(action="show.block_added").one()
    assert entry.reason == "The guest of honour asked for it"
    assert entry.details["departs"] is True


def test_rule_34_another_place_on_stage_needs_a_reason_that_is_kept(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show = make_show(event)
        made = blocks.add_signing_block(show, actor=cast.olaf, pledges=[make_trio(event, cast)])
    call = made[2]
    with pytest.raises(NeedsReason), unit_of_work():
        edit_cue(call, actor=cast.olaf, stage_position="In front")
    with unit_of_work():
        edit_cue(call, actor=cast.olaf, stage_position="In front", reason="A wheelchair")
    entry = db.session.query(audit.AuditEntry).filter_by(action="cue.departed_from_precedence").one()
    assert entry.reason == "A wheelchair"


def departures() -> list[audit.AuditEntry]:
    return db.session.query(audit.AuditEntry).filter_by(action="cue.departed_from_precedence").all()


def test_rule_34_whoever_is_called_in_another_order_afterwards_is_so_for_a_reason_that_is_kept(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show = make_show(event)
        boss = make_person(name="Zhao Boss")
        lower = make_person(name="An Lower", manager=boss)
        pledge = make_open(event, {lower: "pledger", boss: "pledger", cast.people["li_wei"]: "countersigner"})
        made = blocks.add_signing_block(show, actor=cast.olaf, pledges=[pledge])
    first, second = [each for each in made if each.kind == "call"]
    assert [each.slot.person for each in (first, second)] == [boss, lower]
    with unit_of_work():
        move_cue(second, actor=cast.olaf)
        move_cue(second, actor=cast.olaf)  # above the signature of the first, which changes no order
    with pytest.raises(NeedsReason), unit_of_work():
        move_cue(second, actor=cast.olaf)
    with pytest.raises(NeedsReason), unit_of_work():
        edit_cue(first, actor=cast.olaf, kind="other")
        add_cue(show, actor=cast.olaf, title="Again", after=second, kind="call", pledge=pledge, slot=first.slot)
    assert departures() == []
    with unit_of_work():
        move_cue(second, actor=cast.olaf, reason="She has a train to catch")
    assert [(each.reason, each.details["order"]) for each in departures()] == [
        ("She has a train to catch", [second.slot.ref, first.slot.ref])
    ]
    with unit_of_work():
        move_cue(second, actor=cast.olaf, down=True)
    assert len(departures()) == 1, "back by rank needs none"


def test_rule_34_another_rule_moves_those_whose_place_followed_from_the_old_one(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show = make_show(event)
        with force_locale("zh_Hans_CN"):
            made = blocks.add_signing_block(show, actor=cast.olaf, pledges=[make_trio(event, cast)])
        call, witness = made[2], made[5]
        edit_cue(call, actor=cast.olaf, stage_position="In front", reason="A wheelchair")
        before, photograph = witness.stage_position, made[-2].on_stage
        edit_show(show, actor=cast.olaf, precedence="own_right_first")
    assert call.stage_position == "In front"
    assert "本人" in str(witness.stage_position)
    assert witness.stage_position != before
    assert made[-2].on_stage != photograph
    assert standing(made[-2].on_stage) == list(reversed(standing(photograph)))


def test_rule_34_a_row_for_the_photograph_is_put_in_another_order_for_a_reason(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        made = blocks.add_signing_block(make_show(event), actor=cast.olaf, pledges=[make_trio(event, cast)])
    row = made[-2]
    head, one, two, three = str(row.on_stage).splitlines()
    with unit_of_work():
        edit_cue(row, actor=cast.olaf, on_stage="\n".join((head, one, two, f"{three} MBA")))
    with pytest.raises(NeedsReason), unit_of_work():
        edit_cue(row, actor=cast.olaf, on_stage="\n".join((head, two, one, three)))
    with unit_of_work():
        edit_cue(row, actor=cast.olaf, on_stage="\n".join((head, two, one, three)), reason="The taller one behind")
    assert [each.reason for each in departures()] == ["The taller one behind"]


def test_what_cannot_be_signed_and_what_is_elsewhere_is_refused(cast: Cast) -> None:
    with unit_of_work():
        event, other = make_event(), make_event()
        show = make_show(event)
        foreign, award = make_trio(other, cast), make_award(other)
    with pytest.raises(Refused), unit_of_work():
        blocks.add_signing_block(show, actor=cast.olaf, pledges=[])
    with pytest.raises(NotOfThisEvent), unit_of_work():
        blocks.add_signing_block(show, actor=cast.olaf, pledges=[foreign])
    with pytest.raises(NotOfThisEvent), unit_of_work():
        blocks.add_award_block(show, actor=cast.olaf, award=award)
    with pytest.raises(Forbidden), unit_of_work():
        blocks.add_award_block(show, actor=cast.ada, award=award)
    assert not queries.list_cues(show)


def test_an_award_goes_in_either_order_and_names_nobody(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show = make_show(event)
        award = make_award(event, recipients=[cast.people["tom"]])
        walk = blocks.add_award_block(show, actor=cast.olaf, award=award)
        sit = blocks.add_award_block(show, actor=cast.olaf, award=award, presenters_on_stage=True)
    assert [each.kind for each in walk] == ["reading", "reveal", "call", "other", "call", "other", "conferral", "photograph", "reset"]  # fmt: skip
    assert [each.kind for each in sit] == ["reading", "reveal", "other", "call", "other", "conferral", "photograph", "reset"]  # fmt: skip
    words = " ".join(str(getattr(each, name)) for each in walk for name in ("title", "title_local", "on_stage", "script", "screen"))  # fmt: skip
    assert cast.people["tom"].name not in words
    assert {each.award_id for each in (*walk, *sit)} == {award.id}


def test_a_tally_goes_from_the_charge_to_the_custody(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show = make_show(event)
        campaign = make_campaign(event, commander=cast.people["petra"])
        tally = save(
            Tally(event=event, campaign=campaign, label="TY-2027-001", inscription="By this half", scope="Orders", valid_from=on(2027, 1, 1), valid_to=on(2027, 12, 31))
        )  # fmt: skip
        made = blocks.add_tally_block(show, actor=cast.olaf, tally=tally)
    assert [each.kind for each in made] == ["reading", "tally", "conferral", "tally", "statement", "other", "photograph", "reset"]  # fmt: skip
    assert made[2].on_stage.startswith(cast.people["petra"].name)
    assert all(each.tally_id == tally.id for each in made)


def test_a_block_put_in_after_a_version_was_given_out_is_numbered_from_its_beginning(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show = make_show(event)
        make_cue(show)
        publish(show, actor=cast.olaf)
        made = blocks.add_award_block(show, actor=cast.sara, award=make_award(event))
    assert [each.number for each in made[:3]] == ["201", "202", "203"]
