"""What is looked at before the sign-off, check by check; letting it stand with a reason; and the refusal while it stands."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.decisions.models import Decision
from app.events.models import ParticipantGroup
from app.minutes import checks, services
from app.minutes.checks import CHECKS, Finding
from app.minutes.errors import CommentsOpen, DecidedAlready, FindingsStand, TextIsFixed
from app.minutes.models import Adoption, CheckOverride, Minutes, MinutesState
from app.people.models import Clearance
from app.programme.models import Session
from tests.cast import Cast, load
from tests.conftest import Visitor
from tests.factories import make_event, make_session
from tests.factories.decisions import make_decision
from tests.factories.minutes import let_all_stand, make_approved, make_draft
from tests.factories.requirements import confirmed_requirement, make_assignment, record_requirement, record_speech

NAMES = {check.__name__ for check in CHECKS}


def made_well(cast: Cast, **values: Any) -> Minutes:
    """Minutes in which no check finds anything."""
    session = values.pop("session", None) or sitting(cast)
    make_decision(cast, session, text="Each shift counts its own scrap.")
    return make_draft(cast, session=session, **{"text": "## Opening\n\nThe pump ran.", **values})


def sitting(cast: Cast, **values: Any) -> Session:
    event = make_event()
    return make_session(event, **{"chair": cast.people["li_wei"], "day": event.starts_on, **values})


def found(minutes: Minutes, name: str) -> list[Finding]:
    """What one check finds; the others are no matter here."""
    assert name in NAMES
    db.session.expire_all()
    return [each for each in checks.findings(minutes.newest) if each.check == name]


def sentence(minutes: Minutes, name: str) -> str:
    (finding,) = found(minutes, name)
    return finding.sentence


def test_there_are_more_than_twelve_checks_and_minutes_made_well_pass_them_all(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
    assert len(CHECKS) >= 20
    assert checks.findings(minutes.newest) == []
    assert {name.removeprefix("test_check_") for name in globals() if name.startswith("test_check_")} == NAMES


# --- one test for each --------------------------------------------------------------------------------------------


def test_check_promised_count(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
        speech = record_speech(cast, session=minutes.session, event=minutes.event, announced_count=2)
        record_requirement(cast, speech)
    assert sentence(minutes, "promised_count") == ("Announced in “Where we stand”: 2 requirements. Recorded: 1.")
    with unit_of_work():
        record_requirement(cast, speech, number=2)
    assert found(minutes, "promised_count") == []


def test_check_wording_open(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
        requirement = record_requirement(cast, record_speech(cast, session=minutes.session, event=minutes.event))
    assert sentence(minutes, "wording_open") == "The wording of “Where we stand” is not confirmed yet."
    with unit_of_work():
        requirement.speech.confirmed_at = clock.now()
    assert found(minutes, "wording_open") == []


def test_check_without_addressee(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
        requirement = record_requirement(cast, record_speech(cast, session=minutes.session, event=minutes.event))
    assert requirement.label in sentence(minutes, "without_addressee")
    with unit_of_work():
        requirement.audience = "All plants"
    assert found(minutes, "without_addressee") == []


def test_check_without_person(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
        speech = record_speech(cast, session=minutes.session, event=minutes.event)
        requirement = confirmed_requirement(cast, speech)
    assert requirement.label in sentence(minutes, "without_person")
    with unit_of_work():
        make_assignment(cast, "assigned", requirement)
    assert found(minutes, "without_person") == []


def test_check_without_criteria(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
        speech = record_speech(cast, session=minutes.session, event=minutes.event)
        assignment = make_assignment(cast, "assigned", confirmed_requirement(cast, speech))
    assert found(minutes, "without_criteria") == []
    with unit_of_work():
        assignment.criteria = " "
    assert assignment.label in sentence(minutes, "without_criteria")


def test_check_due_before_session(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
        speech = record_speech(cast, session=minutes.session, event=minutes.event)
        due = minutes.session.day + timedelta(days=1)
        assignment = make_assignment(cast, "assigned", confirmed_requirement(cast, speech), due_on=due)
    assert found(minutes, "due_before_session") == []
    with unit_of_work():
        minutes.session.day = due + timedelta(days=1)
    assert assignment.label in sentence(minutes, "due_before_session")


def test_check_record_untold(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast, text="## Opening\n\n{{chair}}")
    assert "Each shift counts its own scrap" in sentence(minutes, "record_untold")
    with unit_of_work():
        decision = db.session.query(Decision).one()
        minutes.newest.sections[0].source = f"{{{{chair}}}} {{{{decision {decision.ref}}}}}"
    assert found(minutes, "record_untold") == []


def test_check_record_changed(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast, text="## Opening\n\n{{chair}}")
        services.send_to_review(minutes, actor=cast.sara)
        let_all_stand(cast, minutes)
        services.approve(minutes, actor=cast.li_wei)
        services.amend(minutes, actor=cast.sara, change_note="A name.")
    assert found(minutes, "record_changed") == []
    with unit_of_work():
        minutes.session.chair = cast.people["mei"]
    assert "Li Wei" in sentence(minutes, "record_changed")


def test_check_mark_without_record(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast, text=f"## Opening\n\nThe pump ran. {{{{decision {'0' * 16}}}}}")
    (finding,) = found(minutes, "mark_without_record")
    assert "is not there any more" in finding.sentence
    assert finding.section == minutes.newest.sections[0]


def test_check_record_too_open(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
        decision = db.session.query(Decision).one()
        minutes.newest.sections[0].source = f"So: {{{{decision {decision.ref}}}}}"
    assert found(minutes, "record_too_open") == []
    with unit_of_work():
        decision.clearance = Clearance.SECRET
    assert "classified more strictly than this section" in sentence(minutes, "record_too_open")


def test_check_vote_without_numbers(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
        make_decision(cast, minutes.session, text="Two kilns.", means="vote")
        make_decision(cast, minutes.session, text="Three kilns.", means="vote", votes_for=3, votes_against=1)
    assert sentence(minutes, "vote_without_numbers") == "Decision 2 was taken by vote, and the votes are not recorded."


def test_check_nothing_decided(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast, session=sitting(cast))
    assert len(found(minutes, "nothing_decided")) == 1
    with unit_of_work():
        make_decision(cast, minutes.session)
    assert found(minutes, "nothing_decided") == []


def test_check_adoption_open(cast: Cast) -> None:
    with unit_of_work():
        minutes, earlier = made_well(cast), make_approved(cast)
        adoption = Adoption(minutes=earlier, session=minutes.session)
        db.session.add(adoption)
    assert earlier.label in sentence(minutes, "adoption_open")
    with unit_of_work():
        adoption.outcome = "adopted"
    assert found(minutes, "adoption_open") == []


def test_check_nobody_present(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast, attendance={"present": []})
    assert sentence(minutes, "nobody_present") == "Nobody is listed as present."


def test_check_name_unknown(cast: Cast) -> None:
    names = ["Li Wei", "赵梅", "Petra Lindqvist (for Tom Okafor)", "Petra Lindquist", "Apprentices"]
    with unit_of_work():
        minutes = made_well(cast, attendance={"present": names})
        db.session.add(ParticipantGroup(event=minutes.event, category="Apprentices"))
    assert sentence(minutes, "name_unknown") == "“Petra Lindquist” is not in the directory."


def test_check_named_twice(cast: Cast) -> None:
    lists = {"present": ["Li Wei", "Mei Zhao"], "excused": ["Tom Okafor", "Mei Zhao"]}
    with unit_of_work():
        minutes = made_well(cast, attendance=lists)
    assert sentence(minutes, "named_twice") == "“Mei Zhao” is listed more than once."


def test_check_chair_missing(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast, attendance={"present": ["Mei Zhao"]})
    assert sentence(minutes, "chair_missing") == "Li Wei was in the chair, and is not listed as present."
    with unit_of_work():
        minutes.session.chair = None
    assert sentence(minutes, "chair_missing") == "It is not recorded who was in the chair."


def test_check_recorder_missing(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
        minutes.recorder = None
    assert sentence(minutes, "recorder_missing") == "It is not recorded who wrote these minutes."


def test_check_time_missing(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast, session=sitting(cast, day=None))
    assert len(found(minutes, "time_missing")) == 1


def test_check_empty_section(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast, text="## Opening\n\nThe pump ran.\n\n## Money")
    (finding,) = found(minutes, "empty_section")
    assert (finding.sentence, finding.section) == (
        "Nothing stands below the heading “Money”.",
        minutes.newest.sections[1],
    )


def test_check_gap_in_text(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast, text="It cost ??? million, tbd. 地点：待确认。 Was it so? Yes … it was.")
    gaps = [each.sentence for each in found(minutes, "gap_in_text")]
    assert [each.split("“")[1].split("”")[0] for each in gaps] == ["???", "tbd.", "待确认"]


def test_check_comment_open(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
        services.send_to_review(minutes, actor=cast.sara)
        said = services.comment(minutes, actor=cast.sven, text="Fifty minutes.")
    assert sentence(minutes, "comment_open") == "A comment of Sven Lund is still open."
    with pytest.raises(CommentsOpen), unit_of_work():
        services.approve(minutes, actor=cast.li_wei)
    with unit_of_work():
        services.decline(said, actor=cast.sara, reason="It was forty.")
    assert found(minutes, "comment_open") == []


def ask(cast: Cast, minutes: Minutes, *names: str, silence_agrees: bool) -> None:
    services.send_to_review(
        minutes, actor=cast.sara, reviewers=[cast.people[each] for each in names], silence_agrees=silence_agrees,
        due_on=minutes.event.day_at(clock.now()),
    )  # fmt: skip


def test_check_review_open(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
        ask(cast, minutes, "petra", "mei", silence_agrees=True)
    assert "2 people have not answered: " in sentence(minutes, "review_open")
    with unit_of_work():
        services.answer(minutes, actor=cast.petra, agrees=True)
    assert "1 person has not answered: Mei Zhao." in sentence(minutes, "review_open")
    with unit_of_work():
        services.answer(minutes, actor=cast.mei, agrees=True)
    assert found(minutes, "review_open") == []


def test_check_silence_is_no_answer(cast: Cast) -> None:
    with unit_of_work():
        strict, lenient = made_well(cast), made_well(cast)
        ask(cast, strict, "petra", silence_agrees=False)
        ask(cast, lenient, "petra", silence_agrees=True)
    assert found(strict, "silence_is_no_answer") == []
    with clock.at(clock.now() + timedelta(days=3)):
        services.close_reviews()
    assert sentence(strict, "silence_is_no_answer") == (
        "1 person was asked to review and never answered: Petra Lindqvist."
    )
    assert found(lenient, "silence_is_no_answer") == []


# --- letting it stand ---------------------------------------------------------------------------------------------


def refused(kind: type[BaseException], act: Callable[[], object]) -> str:
    before = db.session.query(CheckOverride).count(), db.session.query(AuditEntry).count()
    with pytest.raises(kind) as caught, unit_of_work():
        act()
    assert (db.session.query(CheckOverride).count(), db.session.query(AuditEntry).count()) == before
    return str(caught.value)


def test_nothing_is_signed_off_while_a_finding_stands_and_a_reason_lets_it(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast, attendance={"present": ["Li Wei", "Herr Vogt"]})
        services.send_to_review(minutes, actor=cast.sara)
    (finding,) = checks.findings(minutes.newest)
    assert "“Herr Vogt” is not in the directory" in refused(
        FindingsStand, lambda: services.approve(minutes, actor=cast.li_wei)
    )
    assert (minutes.state, minutes.number) == (MinutesState.IN_REVIEW, None)

    def let(name: str, keys: list[str], reason: str = "A guest of the day.") -> Callable[[], object]:
        return lambda: services.let_stand(minutes, actor=getattr(cast, name), keys=keys, reason=reason)

    for name in ("petra", "sven", "aude", "ada"):
        refused(Forbidden, let(name, [finding.key]))
    refused(Refused, let("sara", []))
    refused(Refused, let("sara", [finding.key], " "))
    refused(DecidedAlready, let("sara", [finding.key, "name_unknown:Nobody"]))
    with unit_of_work():
        let("sara", [finding.key])()
    refused(DecidedAlready, let("olaf", [finding.key]))
    (now,) = checks.findings(minutes.newest)
    assert (now.overridden.reason, now.overridden.by_name) == ("A guest of the day.", "Sara Novák")
    logged = db.session.query(AuditEntry).filter_by(action="minutes.findings_let_stand").one()
    assert (logged.details["checks"], "guest" in str(logged.details)) == (["name_unknown"], False)
    with unit_of_work():
        services.object_again(now.overridden, actor=cast.li_wei)
    refused(FindingsStand, lambda: services.approve(minutes, actor=cast.li_wei))
    with unit_of_work():
        let("li_wei", [finding.key])()
        services.approve(minutes, actor=cast.li_wei)
    assert minutes.state == MinutesState.APPROVED
    assert [each.reason for each in checks.overrides(minutes.newest)] == ["A guest of the day."]  # it is kept
    refused(TextIsFixed, let("sara", [finding.key]))
    refused(TextIsFixed, lambda: services.object_again(checks.overrides(minutes.newest)[0], actor=cast.sara))


def test_a_reason_holds_for_exactly_what_was_found(cast: Cast) -> None:
    with unit_of_work():
        minutes = made_well(cast)
        speech = record_speech(cast, session=minutes.session, event=minutes.event, announced_count=3)
        record_requirement(cast, speech)
        services.let_stand(
            minutes, actor=cast.sara, keys=[found_key(minutes, "promised_count")], reason="The third was withdrawn."
        )
    assert found(minutes, "promised_count")[0].overridden is not None
    with unit_of_work():
        record_requirement(cast, speech, number=2)
    assert found(minutes, "promised_count")[0].overridden is None


def found_key(minutes: Minutes, name: str) -> str:
    (finding,) = found(minutes, name)
    return finding.key


def test_the_checks_ask_the_same_number_of_questions_for_one_record_and_for_many(cast: Cast, count_statements) -> None:
    counted = []
    for number in (1, 6):
        with unit_of_work():
            minutes = made_well(
                cast, text="\n\n".join(f"## Part {each}\n\n{{{{chair}}}} tbd" for each in range(number))
            )
            for each in range(number):
                speech = record_speech(cast, session=minutes.session, event=minutes.event, announced_count=1)
                make_assignment(cast, "assigned", confirmed_requirement(cast, speech))
                speech.announced_count = 9
                make_decision(cast, minutes.session, text=f"Kiln {each}.", means="vote")
        with unit_of_work():
            services.send_to_review(minutes, actor=cast.sara)
            for each in range(number):
                services.comment(minutes, actor=cast.sven, text=f"Kiln {each}.")
        db.session.expire_all()
        assert minutes.newest.sections
        with count_statements() as asked:
            assert len(checks.findings(minutes.newest)) > number
        counted.append(len(asked))
    assert counted[0] == counted[1], counted


# --- the pages ----------------------------------------------------------------------------------------------------

As = Callable[[str], Visitor]


def test_findings_are_let_stand_on_the_page_and_shown_at_the_sign_off(app: Flask, as_: As) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = made_well(cast, attendance={"present": ["Li Wei", "Herr Vogt"]})
            services.send_to_review(minutes, actor=cast.sara)
        url, number = f"/events/{minutes.event.ref}/minutes/{minutes.ref}", len(CHECKS)
        newest, key = f"{url}/versions/{minutes.newest.ref}", checks.findings(minutes.newest)[0].key
        db.session.rollback()
    sara, li_wei, aude = as_("sara"), as_("li_wei"), as_("aude")
    page = sara.get(f"{url}/checks").text
    assert f"{number} checks look at" in page
    assert "“Herr Vogt” is not in the directory." in page
    assert "1 thing to look at" in sara.get(newest).text
    assert [as_(name).get(f"{url}/checks").status_code for name in ("sven", "aude", "petra")] == [403, 200, 404]
    assert aude.post(f"{url}/checks", {"keys": [key], "reason": "x"}).status_code == 403
    blank = sara.post(f"{url}/checks", {"keys": [key], "reason": ""})
    assert (blank.status_code, f'value="{key}" checked' in blank.text) == (422, True)
    approval = li_wei.get(f"{url}/approval").text
    assert "1 thing stands against the sign-off." in approval
    (version,) = re.findall(r'name="version"[^>]*value="(\d+)"', approval)
    signed = {"version": version}
    refusal = li_wei.post(f"{url}/approval", signed)
    assert (refusal.status_code, "nobody has mended or let stand" in refusal.text) == (422, True)
    assert sara.post(f"{url}/checks", {"keys": [key], "reason": "A guest."}).status_code == 303
    approval = li_wei.get(f"{url}/approval").text
    assert "A guest." in approval
    assert "stands against the sign-off" not in approval
    assert "Nothing stands against the sign-off" in sara.get(newest).text
    assert li_wei.post(f"{url}/approval", signed).status_code == 303
    assert sara.post(f"{url}/publication", {}).status_code == 303
    assert "What was let stand" in sara.get(url).text
    assert "What was let stand" not in as_("petra").get(url).text
    kept = sara.get(f"{url}/checks").text
    assert "A guest." in kept
    assert "Take back" not in kept
