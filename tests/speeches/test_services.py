"""What was said: recorded by the secretary, confirmed by who may, and then never altered."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Stale
from app.core.roles import NOBODY, SYSTEM
from app.people.models import Position
from app.requirements import services as requirements
from app.requirements.models import Requirement, RequirementState
from app.search.models import SearchEntry
from app.speeches import services
from app.speeches.errors import CountDiffers, NothingSaid, NotPartOfThis, WordingIsConfirmed
from app.speeches.models import Passage, Speech, Statement
from tests.factories import make_event, make_item, make_session, make_team
from tests.factories.requirements import record_requirement, record_speech


def test_only_those_who_record_add_a_speech(cast):
    with unit_of_work():
        session = make_session(make_event())
    for who in ("petra", "sven", "li_wei", "ada", "aude", "rita", "dora", "xaver"):
        with pytest.raises(Forbidden), unit_of_work():
            services.add_speech(
                session.event, actor=cast.accounts[who], session=session, speaker=cast.people["li_wei"], title="x"
            )
    assert db.session.scalars(select(Speech)).all() == []


@pytest.mark.parametrize("who", ["sara", "olaf"])
def test_the_secretary_and_the_organizer_record(cast, who):
    with unit_of_work():
        session = make_session(make_event())
        services.add_speech(
            session.event, actor=cast.accounts[who], session=session, speaker=cast.people["li_wei"], title="x"
        )
    assert [each.title for each in db.session.scalars(select(Speech))] == ["x"]


def test_rule_6_position_and_name_are_frozen_as_they_were_on_the_day(cast):
    with unit_of_work():
        li_wei = cast.people["li_wei"]
        li_wei.positions[0].to_on = date(2026, 12, 31)
        db.session.add(Position(person=li_wei, title="Chair", title_local="董事长", from_on=date(2027, 1, 1)))
        event = make_event(starts_on=date(2026, 6, 1), ends_on=date(2027, 6, 1))
        early = record_speech(cast, event=event, session=make_session(event, day=date(2026, 6, 1)))
        late = record_speech(cast, event=event, held_at=datetime(2026, 12, 31, 17, 0, tzinfo=UTC))  # 1 January there
    assert (early.position_title, early.speaker_name) == ("President", "Li Wei")
    assert (late.position_title, late.position_title_local) == ("Chair", "董事长")
    with unit_of_work():
        li_wei.name = "Li Wei-Brandt"
        li_wei.positions[0].title = "Former president"
    assert (early.position_title, early.speaker_name) == ("President", "Li Wei")


def test_a_speech_takes_its_time_from_its_agenda_item(cast):
    with unit_of_work():
        event = make_event()
        session = make_session(event)
        item = make_item(event, session=session)
        speech = record_speech(cast, event=event, session=session, item=item)
    assert speech.held_at == item.starts_at


def test_sessions_and_items_of_others_are_refused(cast):
    with unit_of_work():
        event, other = make_event(), make_event()
        session, foreign = make_session(event), make_session(other)
        item, elsewhere = make_item(other), make_item(event, session=make_session(event))
    for given in ({"session": foreign}, {"session": session, "item": item}, {"session": session, "item": elsewhere}):
        with pytest.raises(NotPartOfThis), unit_of_work():
            services.add_speech(event, actor=cast.sara, speaker=cast.people["li_wei"], title="x", **given)
    assert db.session.scalars(select(Speech)).all() == []


def test_a_passage_says_something_or_summarises_it(cast):
    with unit_of_work():
        speech = record_speech(cast)
    with pytest.raises(NothingSaid), unit_of_work():
        services.add_passage(speech, actor=cast.sara, kind="context")
    with unit_of_work():
        services.add_passage(
            speech, actor=SYSTEM, kind="context", summary="On the market.", span_start=120, span_end=340
        )
    assert [(each.verbatim, each.span_start, each.position) for each in speech.passages] == [(None, 120, 1)]


def test_before_confirmation_only_those_who_record_change_the_wording(cast):
    with unit_of_work():
        passage = record_requirement(cast).passage
    for who in ("li_wei", "petra", "sven"):
        with pytest.raises(Forbidden), unit_of_work():
            services.reword_passage(passage, actor=cast.accounts[who], verbatim="x", summary=None, summary_local=None)
    with unit_of_work():
        services.reword_passage(passage, actor=cast.sara, verbatim="Five plans.", summary=None, summary_local=None)
    assert passage.verbatim == "Five plans."


def test_after_confirmation_nobody_alters_a_word_through_any_door(cast):
    with unit_of_work():
        requirement = record_requirement(cast)
        requirements.confirm_speech(requirement.speech, actor=cast.li_wei)
    speech, passage, said = requirement.speech, requirement.passage, requirement.verbatim
    doors = [
        lambda a: services.reword_passage(passage, actor=a, verbatim="x", summary=None, summary_local=None),
        lambda a: services.remove_passage(passage, actor=a),
        lambda a: services.add_passage(speech, actor=a, kind="context", verbatim="x"),
        lambda a: services.edit_speech(speech, actor=a, session=speech.session, speaker=speech.speaker, title="x"),
        lambda a: requirements.capture(speech, actor=a, kind="directive", verbatim="x", heading="x"),
        lambda a: requirements.amend(passage, actor=a, version=None, verbatim="x", summary=None, summary_local=None),
        lambda a: requirements.discard(passage, actor=a),
        lambda a: requirements.add_requirement(speech, actor=a, heading="x", kind="directive"),
    ]
    for door in doors:
        for who in (cast.sara, SYSTEM):
            with pytest.raises(WordingIsConfirmed), unit_of_work():
                door(who)
    db.session.rollback()
    assert (passage.verbatim, requirement.verbatim, speech.title, len(speech.passages)) == (
        said,
        said,
        "Where we stand",
        1,
    )


def test_whoever_only_recorded_cannot_confirm(cast):
    with unit_of_work():
        requirement = record_requirement(cast)
    for who in ("sara", "olaf", "sven", "petra", "ada", "aude", "dora"):
        with pytest.raises(Forbidden), unit_of_work():
            requirements.confirm_speech(requirement.speech, actor=cast.accounts[who])
    assert requirement.speech.confirmed_at is None
    assert requirement.state == RequirementState.STATED


def test_the_speaker_confirms_their_own_words(cast):
    with unit_of_work():
        speech = record_speech(cast, speaker=cast.people["mei"])
        requirement = record_requirement(cast, speech)
        requirements.confirm_speech(speech, actor=cast.mei)
    assert speech.confirmed_by_id == cast.mei.id
    assert requirement.state == RequirementState.CONFIRMED


def test_a_person_without_an_account_is_not_everybody_without_one(cast):
    """Nobody and the people without accounts share an empty id: that makes them no speaker."""
    with unit_of_work():
        speech = record_speech(cast, speaker=cast.people["mei"])
        record_requirement(cast, speech)
        cast.people["mei"].account_id = None
    with pytest.raises(Forbidden), unit_of_work():
        requirements.confirm_speech(speech, actor=NOBODY)
    assert not speech.is_confirmed


def test_rule_4_another_count_than_announced_needs_a_reason(cast):
    with unit_of_work():
        speech = record_speech(cast, announced_count=7, announced_words="seven")
        record_requirement(cast, speech)
    with pytest.raises(CountDiffers) as refused, unit_of_work():
        requirements.confirm_speech(speech, actor=cast.li_wei)
    assert refused.value.field == "override_reason"
    assert not speech.is_confirmed
    with unit_of_work():
        requirements.confirm_speech(speech, actor=cast.li_wei, override_reason="I left six out.")
    assert (speech.is_confirmed, speech.count_override) == (True, "I left six out.")


def test_parts_and_exhortations_do_not_count_as_requirements(cast):
    with unit_of_work():
        speech = record_speech(cast, announced_count=1)
        whole = record_requirement(cast, speech)
        requirements.add_requirement(speech, actor=cast.sara, parent=whole, heading="Research", kind="directive")
        requirements.capture(speech, actor=cast.sara, kind="exhortation", verbatim="Stay sober.")
        requirements.confirm_speech(speech, actor=cast.li_wei)
    assert (speech.is_confirmed, speech.count_override) == (True, None)


def test_rule_10_an_exhortation_is_quotable_and_never_late(cast):
    with unit_of_work():
        speech = record_speech(cast)
        requirements.capture(speech, actor=cast.sara, kind="exhortation", verbatim="Give it everything you have.")
    assert db.session.scalars(select(Requirement)).all() == []
    found = db.session.scalar(select(SearchEntry).where(SearchEntry.subject_ref == speech.ref))
    assert "Give it everything you have." in found.body


def test_nothing_said_is_nothing_to_confirm_and_nothing_is_confirmed_twice(cast):
    with unit_of_work():
        speech = record_speech(cast)
    with pytest.raises(NothingSaid), unit_of_work():
        requirements.confirm_speech(speech, actor=cast.li_wei)
    with unit_of_work():
        record_requirement(cast, speech)
        requirements.confirm_speech(speech, actor=cast.li_wei)
    at = speech.confirmed_at
    with pytest.raises(WordingIsConfirmed), unit_of_work():
        requirements.confirm_speech(speech, actor=cast.li_wei)
    assert speech.confirmed_at == at


def test_what_was_added_after_the_page_was_opened_is_not_confirmed_unseen(cast):
    with unit_of_work():
        speech = record_requirement(cast).speech
    seen = speech.version
    with unit_of_work():
        services.add_passage(speech, actor=cast.sara, kind="context", verbatim="And one more thing.")
    with pytest.raises(Stale), unit_of_work():
        requirements.confirm_speech(speech, actor=cast.li_wei, version=seen)
    assert not speech.is_confirmed


def test_a_discarded_passage_takes_its_requirement_and_parts_along(cast):
    with unit_of_work():
        requirement = record_requirement(cast)
        requirements.add_requirement(
            requirement.speech, actor=cast.sara, parent=requirement, heading="Part", kind="directive"
        )
    with unit_of_work():
        requirements.discard(requirement.passage, actor=cast.sara)
    assert db.session.scalars(select(Requirement)).all() == []
    assert db.session.scalars(select(Passage)).all() == []
    assert db.session.scalars(select(SearchEntry).where(SearchEntry.kind == "requirement")).all() == []


def test_a_team_declares_itself(cast):
    with unit_of_work():
        event, team = make_event(), make_team(name="Efficient Supply Chain Team")
        services.add_statement(event, actor=cast.sara, team=team, summary="One ship.", span_start=5, span_end=9)
    assert [(each.team.name, each.verbatim, each.summary) for each in db.session.scalars(select(Statement))] == [
        ("Efficient Supply Chain Team", None, "One ship.")
    ]
    with pytest.raises(NothingSaid), unit_of_work():
        services.add_statement(event, actor=cast.sara, team=team)
    with pytest.raises(Forbidden), unit_of_work():
        services.add_statement(event, actor=cast.petra, team=team, summary="x")


def test_what_belongs_to_a_draft_is_not_in_the_search_until_it_is_published(cast):
    with unit_of_work():
        event = make_event(status="draft")
        record_requirement(cast, record_speech(cast, event=event))
    assert db.session.scalars(select(SearchEntry)).all() == []
    with unit_of_work():
        event.status = "published"
        requirements.index_event(event)
    kinds = sorted(
        each.kind for each in db.session.scalars(select(SearchEntry).where(SearchEntry.event_id == event.id))
    )
    assert kinds == ["requirement", "speech"]
