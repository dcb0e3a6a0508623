"""Sentences that stand for records: they follow them until the sign-off, and afterwards it is reported that they parted."""

from datetime import timedelta
from typing import Any

import pytest

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.decisions import services as decisions
from app.decisions.models import Decision
from app.documents.errors import GlyphsMissing
from app.events.models import ParticipantGroup
from app.minutes import bound, extracts, services
from app.minutes.errors import TextIsFixed
from app.minutes.models import Minutes, MinutesVersion, Section
from app.minutes.services.signing_off import freeze
from app.people.models import Clearance
from app.programme.models import Session
from tests.cast import Cast
from tests.factories import make_event, make_session
from tests.factories.minutes import put_in_review

pytestmark = pytest.mark.usefixtures("app")


def sitting(cast: Cast, **values: Any) -> Session:
    return make_session(make_event(city="Foshan"), title="Looking ahead", chair=cast.people["li_wei"], **values)


def recorded(cast: Cast, session: Session, text: str = "Each shift counts.", **values: Any) -> Decision:
    return decisions.record_decision(session, actor=cast.sara, text=text, **values)


def read(version: MinutesVersion, clearance: int = Clearance.SECRET) -> str:
    return extracts.read(version, clearance).markdown


def sign_off(cast: Cast, minutes: Minutes) -> None:
    put_in_review(cast, minutes)
    services.approve(minutes, actor=cast.li_wei)


def drafted(cast: Cast) -> tuple[Minutes, Decision]:
    with unit_of_work():
        session = sitting(cast)
        decision = recorded(cast, session)
        minutes = services.draft_minutes(session, actor=cast.sara)
    return minutes, decision


def signed(cast: Cast) -> tuple[Minutes, Decision]:
    minutes, decision = drafted(cast)
    with unit_of_work():
        sign_off(cast, minutes)
    return minutes, decision


def change(cast: Cast, decision: Decision, text: str) -> None:
    with unit_of_work():
        decisions.change_decision(decision, actor=cast.sara, text=text)


def mark_of(decision: Decision) -> str:
    return f"{{{{decision {decision.ref}}}}}"


def test_a_sentence_follows_its_record_until_the_sign_off(cast: Cast) -> None:
    minutes, decision = drafted(cast)
    assert "decided by consensus: Each shift counts." in read(minutes.newest)
    change(cast, decision, "Each shift weighs.")
    assert "decided by consensus: Each shift weighs." in read(minutes.newest)
    assert "Each shift counts." not in read(minutes.newest)
    assert bound.report(minutes.newest).mismatches == []
    with unit_of_work():
        sign_off(cast, minutes)
    section = next(each for each in minutes.newest.sections if each.key == "decisions")
    assert section.text == "It was decided by consensus: Each shift weighs."
    assert [(each["kind"], each["ref"], each["sentence"]) for each in section.bindings] == [
        ("decision", decision.ref, "It was decided by consensus: Each shift weighs.")
    ]


def test_after_the_sign_off_the_text_stays_and_the_mismatch_is_reported(cast: Cast) -> None:
    minutes, decision = signed(cast)
    assert bound.report(minutes.newest).count == 0
    before = read(minutes.newest)
    change(cast, decision, "Each shift weighs.")
    assert read(minutes.newest) == before
    (found,) = bound.report(minutes.newest).mismatches
    assert (found.kind, found.ref, found.section.key) == ("decision", decision.ref, "decisions")
    assert (found.said, found.now) == (
        "It was decided by consensus: Each shift counts.",
        "It was decided by consensus: Each shift weighs.",
    )


def test_a_record_that_cannot_be_printed_is_not_signed_off(cast: Cast) -> None:
    minutes, decision = drafted(cast)
    change(cast, decision, "A sign of Linear B: \U00010000")
    with pytest.raises(GlyphsMissing), unit_of_work():
        sign_off(cast, minutes)
    assert minutes.newest.frozen_at is None


def test_a_record_that_is_gone_after_the_sign_off_is_reported(cast: Cast) -> None:
    minutes, decision = signed(cast)
    with unit_of_work():
        decisions.withdraw_decision(decision, actor=cast.sara, reason="It was not seconded.")
    (found,) = bound.report(minutes.newest).mismatches
    assert (found.ref, found.now) == (decision.ref, None)


def test_what_is_told_of_the_session_itself_is_compared_too(cast: Cast) -> None:
    minutes, _decision = signed(cast)
    with unit_of_work():
        minutes.session.chair = cast.people["mei"]
    (found,) = bound.report(minutes.newest).mismatches
    assert (found.name, found.now) == ("chair", "In the chair: Mei Zhao, Head of works")


def test_an_amendment_keeps_the_approved_sentence_until_somebody_takes_over_what_is_recorded(cast: Cast) -> None:
    minutes, decision = signed(cast)
    change(cast, decision, "Each shift weighs.")
    with unit_of_work():
        services.amend(minutes, actor=cast.sara, change_note="The name of the hall.")
    assert "Each shift counts." in read(minutes.newest)
    (found,) = bound.report(minutes.newest).mismatches
    with unit_of_work():
        assert services.take_over(minutes, actor=cast.sara, names=["chair", "theme"]) == 1  # there is no theme
    assert "Each shift counts." in read(minutes.newest)
    with unit_of_work():
        assert services.take_over(minutes, actor=cast.sara, names=[found.name]) == 1
    assert "Each shift weighs." in read(minutes.newest)
    assert bound.report(minutes.newest).mismatches == []
    assert "Each shift counts." in read(minutes.versions[0])


def test_nothing_is_taken_over_into_what_is_signed_off(cast: Cast) -> None:
    minutes, _decision = signed(cast)
    for act in (
        lambda: services.take_over(minutes, actor=cast.sara),
        lambda: services.take_over_lists(minutes, actor=cast.sara),
        lambda: services.tell(minutes, actor=cast.sara, kind="decision", ref="0" * 16),
    ):
        with pytest.raises(TextIsFixed), unit_of_work():
            act()
    with pytest.raises(Forbidden), unit_of_work():
        services.take_over(minutes, actor=cast.li_wei)


def test_drafting_an_amendment_again_says_what_is_recorded_now(cast: Cast) -> None:
    minutes, decision = signed(cast)
    change(cast, decision, "Each shift weighs.")
    with unit_of_work():
        services.amend(minutes, actor=cast.sara, change_note="All of it.")
        services.redraft(minutes, actor=cast.sara)
    assert "Each shift weighs." in read(minutes.newest)


def test_drafting_again_keeps_the_sections_and_what_was_classified_higher(cast: Cast) -> None:
    minutes, _decision = drafted(cast)
    section = next(each for each in minutes.newest.sections if each.key == "opening")
    with unit_of_work():
        services.write_section(section, actor=cast.sara, source="Mine.", clearance=Clearance.RESTRICTED)
        services.redraft(minutes, actor=cast.sara)
    again = next(each for each in minutes.newest.sections if each.key == "opening")
    assert (again.origin, again.clearance) == (section.origin, Clearance.RESTRICTED)
    assert "{{meeting}}" in again.source


def test_a_record_that_is_not_told_is_listed_and_put_in_its_place(cast: Cast) -> None:
    minutes, first = drafted(cast)
    people = cast.people
    with unit_of_work():
        session = minutes.session
        second = recorded(cast, session, "Count twice.")
        secret = recorded(cast, session, "Sell the canary works.", clearance=Clearance.SECRET)
        task = decisions.hand_out(
            first, actor=cast.sara, responsible=people["petra"], verifier=people["tom"], deliverable="A form",
            criteria="One page", due_on=clock.today() + timedelta(days=9),
        )  # fmt: skip
    untold = bound.report(minutes.newest).untold
    assert [each.fact.ref for each in untold] == [second.ref, secret.ref, task.ref]
    assert untold[1].sentence == "It was decided by consensus: Sell the canary works."
    with unit_of_work():
        for each in untold:
            services.tell(minutes, actor=cast.sara, kind=each.fact.kind, ref=each.fact.ref)
    assert bound.report(minutes.newest).untold == []
    told = [each for each in minutes.newest.sections if each.key == "decisions"]
    assert [each.clearance for each in told] == [Clearance.INTERNAL, Clearance.SECRET]
    assert told[0].source.split("\n\n") == [mark_of(first), f"- {{{{assignment {task.ref}}}}}", mark_of(second)]
    assert "canary" not in read(minutes.newest, Clearance.RESTRICTED)
    with pytest.raises(Refused), unit_of_work():
        services.tell(minutes, actor=cast.sara, kind="decision", ref=second.ref)


def test_a_mark_in_too_low_a_section_or_without_its_record_says_nothing_and_is_reported(cast: Cast) -> None:
    minutes, decision = drafted(cast)
    with unit_of_work():
        secret = recorded(cast, minutes.session, "Sell the canary works.", clearance=Clearance.SECRET)
        elsewhere = recorded(cast, sitting(cast), "Of another session.")
        section = next(each for each in minutes.newest.sections if each.key == "decisions")
        words = "\n\n".join(f"- {{{{decision {each.ref}}}}}" for each in (secret, elsewhere))
        services.write_section(
            section, actor=cast.sara, source=f"Free words.\n\n{words}\n\n{{{{not a mark}}}} {{{{x}}}}"
        )
    assert read(minutes.newest).endswith("Free words.\n\n{{not a mark}} {{x}}")
    strays = bound.report(minutes.newest).strays
    assert [(each.ref, each.is_classified) for each in strays] == [(secret.ref, True), (elsewhere.ref, False)]
    assert decision.ref in [each.fact.ref for each in bound.report(minutes.newest).untold]


def test_lists_that_differ_from_the_record_of_attendance_are_reported_and_taken_over(cast: Cast) -> None:
    minutes, _decision = drafted(cast)
    with unit_of_work():
        services.write(minutes, actor=cast.sara, text=minutes.newest.whole, attendance={"present": ["By hand"]})
    assert bound.report(minutes.newest).lists == {}, "nobody was registered or seen"
    with unit_of_work():
        db.session.add(ParticipantGroup(event=minutes.event, category="Directors"))
        db.session.flush()
        services.take_over_lists(minutes, actor=cast.sara)
    assert bound.report(minutes.newest).lists == {}
    kept = bound.people(minutes.newest)
    with unit_of_work():
        services.write(
            minutes,
            actor=cast.sara,
            text=minutes.newest.whole,
            attendance={**kept, "present": [*kept["present"], "Somebody"], "in_attendance": []},
        )
    assert bound.report(minutes.newest).lists == {
        "present": ([], ["Somebody"]), "in_attendance": (["Sara Novák"], []),
    }  # fmt: skip
    with unit_of_work():
        services.take_over_lists(minutes, actor=cast.sara)
    assert bound.report(minutes.newest).lists == {}
    assert bound.people(minutes.newest)["in_attendance"] == ["Sara Novák"]


def test_lists_that_nobody_wrote_by_hand_follow_the_record_until_the_sign_off(cast: Cast) -> None:
    minutes, _decision = drafted(cast)
    assert bound.people(minutes.newest)["present"] == []
    with unit_of_work():
        db.session.add(ParticipantGroup(event=minutes.event, category="Directors"))
        services.write_heads(
            minutes, actor=cast.sara, attendance={**bound.people(minutes.newest), "excused": ["Tom, by telephone"]}
        )
    assert bound.people(minutes.newest) == {
        "present": ["Directors"], "excused": ["Tom, by telephone"], "in_attendance": ["Sara Novák"],
    }  # fmt: skip
    assert "Directors" in extracts.read(minutes.newest, Clearance.SECRET).says["attendance"]["present"]
    with unit_of_work():
        freeze(minutes.newest, {}, clock.now())
        db.session.add(ParticipantGroup(event=minutes.event, category="Engineers"))
    assert minutes.newest.attendance["present"] == bound.people(minutes.newest)["present"] == ["Directors"]
    assert bound.report(minutes.newest).lists["present"] == (["Engineers"], [])


def test_minutes_without_any_mark_have_no_mismatches(cast: Cast) -> None:
    with unit_of_work():
        session = sitting(cast)
        recorded(cast, session)
        minutes = services.draft_minutes(session, actor=cast.sara, text="## By hand\n\nWords.", attendance={})
    assert bound.report(minutes.newest).count == 0


def test_reading_asks_the_same_number_of_questions_for_one_decision_and_for_many(cast: Cast, count_statements) -> None:
    minutes, _decision = drafted(cast)

    def statements() -> int:
        db.session.expire_all()
        minutes.newest.sections, minutes.session.event, minutes.recorder, minutes.session.chair  # noqa: B018
        with count_statements() as counted:
            bound.report(minutes.newest)
        return len(counted)

    one = statements()
    with unit_of_work():
        for number in range(30):
            recorded(cast, minutes.session, f"Matter {number}", mover=cast.people["mei"])
        services.redraft(minutes, actor=cast.sara)
    assert statements() == one


def test_a_section_that_is_only_looked_at_reads_as_it_would(cast: Cast) -> None:
    minutes, decision = drafted(cast)
    (said,) = bound.resolved(minutes, [Section(source=f"{{{{decision {decision.ref}}}}}")])
    assert said.text == "It was decided by consensus: Each shift counts."
