"""A confirmed wording is frozen; another one is another edition, with its reason, and everybody concerned is told."""

import re

import pytest
from sqlalchemy import delete, select

from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Stale
from app.mail.models import MailMessage
from app.requirements import margin, queries, services
from app.requirements.errors import ReasonMissing, WrongMoment
from app.requirements.models import Requirement, Wording
from app.search.models import SearchEntry
from app.speeches import services as speeches
from app.speeches.errors import NothingSaid
from tests import cast as the_cast
from tests.factories.requirements import (
    confirmed_requirement,
    make_assignment,
    record_requirement,
    record_speech,
)

SAID = "The institutes bring me five plans that can be produced."
NOW = "The institutes bring me six plans that can be produced."


def reword(requirement, actor, **values):
    given = {"heading": "Six plans that can be produced", "verbatim": NOW, "reason": "One more came up."}
    return services.reword(requirement, actor=actor, **{**given, **values})


def editions(requirement) -> list[tuple]:
    return [(each.edition, each.verbatim, each.reason, each.by_name) for each in queries.list_editions(requirement)]


def test_confirming_writes_the_first_edition_and_rewording_the_next(cast):
    with unit_of_work():
        requirement = confirmed_requirement(cast)
    assert editions(requirement) == [(1, SAID, None, "Li Wei")]
    with unit_of_work():
        reword(requirement, cast.li_wei)
    assert editions(requirement) == [(1, SAID, None, "Li Wei"), (2, NOW, "One more came up.", "Li Wei")]
    assert (requirement.wording, requirement.verbatim, requirement.heading) == (
        2,
        NOW,
        "Six plans that can be produced",
    )
    assert requirement.passage.verbatim == SAID  # what was said stays as it was said
    found = db.session.scalar(select(SearchEntry).where(SearchEntry.kind == "requirement"))
    assert NOW in found.body
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "requirement.reworded"))
    assert (entry.reason, entry.details["edition"]) == ("One more came up.", 2)


def test_the_speech_marks_what_was_said_and_not_what_is_asked_now(cast):
    with unit_of_work():
        speech = record_speech(cast)
        services.capture(
            speech, actor=cast.sara, kind="directive", verbatim=f"Ideas die. {SAID}", demand=SAID, heading="Five plans"
        )
        services.confirm_speech(speech, actor=cast.li_wei)
        (requirement,) = queries.list_of_speech(speech)
    with unit_of_work():
        reword(requirement, cast.li_wei)
    (line,) = margin.read(speech, queries.list_of_speech(speech))
    assert line.parts == [("Ideas die. ", False), (SAID, True)]


def test_what_was_confirmed_before_editions_were_kept_gets_its_first_one(cast):
    with unit_of_work():
        requirement = confirmed_requirement(cast)
        requirement.speech.confirmed_by_name = None
        db.session.execute(delete(Wording))
    assert editions(requirement) == []
    with unit_of_work():
        reword(requirement, cast.li_wei)
    assert editions(requirement) == [(1, SAID, None, "Li Wei"), (2, NOW, "One more came up.", "Li Wei")]
    assert queries.list_editions(requirement)[0].created_at == requirement.speech.confirmed_at


def test_guard_only_the_speaker_or_a_delegate_rewords(cast):
    with unit_of_work():
        requirement = confirmed_requirement(cast, record_speech(cast, speaker=cast.people["mei"]))
    for who in ("li_wei", "sara", "olaf", "sven", "petra", "tom", "aude"):  # nor the presiding leader
        with pytest.raises(Forbidden), unit_of_work():
            reword(requirement, cast.accounts[who])
    with unit_of_work():
        speeches.name_delegate(requirement.speech, cast.people["tom"], actor=cast.mei)
    with unit_of_work():
        reword(requirement, cast.tom)
        reword(requirement, cast.mei, verbatim=SAID, reason="It was five.")
    assert [(edition, by) for edition, _words, _reason, by in editions(requirement)] == [
        (1, "Li Wei"), (2, "Tom Okafor"), (3, "Mei Zhao"),
    ]  # fmt: skip


def test_a_rewording_needs_a_reason_other_words_and_an_open_requirement(cast):
    with unit_of_work():
        requirement = confirmed_requirement(cast)
        stated = record_requirement(cast, record_speech(cast, event=requirement.event))
    given = {"heading": requirement.heading, "verbatim": SAID}
    for refusal, values in (
        (ReasonMissing, {"reason": ""}), (ReasonMissing, {"reason": None}), (NothingSaid, {"verbatim": None}),
        (WrongMoment, given),
    ):  # fmt: skip
        with pytest.raises(refusal), unit_of_work():
            reword(requirement, cast.li_wei, **values)
    with pytest.raises(WrongMoment), unit_of_work():
        reword(stated, cast.li_wei)
    seen = requirement.version
    with unit_of_work():
        reword(requirement, cast.li_wei, version=seen)
    with pytest.raises(Stale), unit_of_work():
        reword(requirement, cast.li_wei, verbatim="Seven.", version=seen)
    with unit_of_work():
        services.withdraw_requirement(requirement, actor=cast.li_wei, reason="x")
    with pytest.raises(WrongMoment), unit_of_work():
        reword(requirement, cast.li_wei, verbatim="Seven.")
    assert [edition for edition, *_more in editions(requirement)] == [1, 2]


def test_everybody_who_carries_or_verifies_it_or_a_part_of_it_is_told_once(cast):
    with unit_of_work():
        speech = record_speech(cast)
        whole = record_requirement(cast, speech)
        part = services.add_requirement(
            speech, actor=cast.sara, parent=whole, heading="Part", kind="directive", verbatim=SAID
        )
        confirmed_requirement(cast, speech, number=9)
        for each in (whole, part):
            services.set_tracking(each, "assigned", actor=cast.sven)
        make_assignment(cast, "accepted", whole)  # Petra's, verified by Tom
        make_assignment(cast, "assigned", part, responsible=cast.people["rita"])
        ended = make_assignment(cast, "assigned", part, responsible=cast.people["mei"])
        services.cancel_assignment(ended, actor=cast.li_wei, reason="Not now.")
        make_assignment(cast, "proposed", whole, responsible=cast.people["dora"])
    with unit_of_work():
        reword(whole, cast.li_wei)
    told = [each for each in db.session.scalars(select(MailMessage)) if each.kind == "requirement.reworded"]
    assert sorted(each.to_address for each in told) == ["petra@hufu.example", "rita@hufu.example", "tom@hufu.example"]
    assert all("One more came up." in each.text and NOW in each.text for each in told)
    assert all(f"/requirements/{whole.ref}/editions" in each.text for each in told)


# --- in the browser -----------------------------------------------------------------------------------------------


@pytest.fixture
def page(app) -> str:
    with app.app_context(), unit_of_work():
        requirement = confirmed_requirement(the_cast.load(), summary_local="五个方案。")
        return f"/events/{requirement.event.ref}/requirements/{requirement.ref}"


def test_a_page_of_editions_shows_what_changed_between_any_two_word_by_word(page, as_, app):
    li_wei, rita = as_("li_wei"), as_("rita")
    assert rita.get(f"{page}/editions").status_code == 200
    assert as_("sven").get(f"{page}/rewording").status_code == 403
    shown = li_wei.get(f"{page}/rewording").get_data(as_text=True)
    seen = re.search(r'name="version"[^>]*value="(\d+)"', shown).group(1)
    sent = {"heading": "Plans", "verbatim": NOW, "summary_local": "六个方案。", "version": seen}
    refused = li_wei.post(f"{page}/rewording", sent)
    assert refused.status_code == 422
    assert NOW in refused.get_data(as_text=True)
    answer = li_wei.post(f"{page}/rewording", {**sent, "reason": "One more."})
    assert (answer.status_code, answer.location) == (303, f"{page}/editions")
    shown = rita.get(f"{page}/editions").get_data(as_text=True)
    said = re.sub(r'<span class="visually-hidden">[^<]*</span>', "", shown)
    assert "me <del>five</del><ins>six</ins> plans" in said
    assert "<del>五</del><ins>六</ins>个方案。" in said  # a Chinese sign is a word
    assert "One more." in shown
    same = rita.get(f"{page}/editions?from=2&to=2").get_data(as_text=True)
    assert "Nothing differs between these two." in same
    for arguments in ("?from=9&to=-1", "?from=%00&to=x", f"?from={'9' * 50}"):
        assert rita.get(f"{page}/editions{arguments}").status_code == 200
    assert "edition 2 of the wording" in rita.get(page).get_data(as_text=True)
    stale = li_wei.post(f"{page}/rewording", {**sent, "verbatim": "Seven plans.", "reason": "No."})
    assert stale.status_code == 409
    assert "Seven plans." in stale.get_data(as_text=True)
    assert NOW in stale.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(select(Requirement.wording)) == 2
