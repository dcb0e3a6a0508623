"""Who says that it was said so: the speaker, or whom they named for this speech. Translations stand beside the original."""

import re

import pytest
from sqlalchemy import select

from app.assistants import services as assistants
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.events.models import Audience
from app.mail.models import MailMessage
from app.people.models import Person
from app.requirements import services as requirements
from app.requirements.models import Requirement, Wording
from app.speeches import services
from app.speeches.errors import CannotConfirm, NothingSaid, WordingIsConfirmed
from app.speeches.models import Speech, Statement
from tests import cast as the_cast
from tests.factories import make_event, make_person, make_team
from tests.factories.requirements import record_requirement, record_speech


def spoken_by_mei(cast, **values) -> Speech:
    return record_requirement(cast, record_speech(cast, speaker=cast.people["mei"], **values)).speech


def test_a_delegate_confirms_because_they_were_named_for_this_speech(cast):
    with unit_of_work():
        speech = spoken_by_mei(cast)
    for who in ("sara", "olaf", "sven", "petra", "tom", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            services.name_delegate(speech, cast.people["tom"], actor=cast.accounts[who])
    with unit_of_work():
        services.name_delegate(speech, cast.people["tom"], actor=cast.mei)
    mail = db.session.scalar(select(MailMessage))
    assert (mail.to_address, mail.kind) == ("tom@hufu.example", "speech.delegate_named")
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "speech.delegate_named"))
    assert entry.details["delegate"] == cast.people["tom"].ref
    with unit_of_work():
        requirements.confirm_speech(speech, actor=cast.tom)
    assert (speech.confirmed_by_id, speech.confirmed_by_name) == (cast.tom.id, "Tom Okafor")
    edition = db.session.scalar(select(Wording))
    assert (edition.edition, edition.verbatim, edition.by_name) == (
        1, "The institutes bring me five plans that can be produced.", "Tom Okafor",
    )  # fmt: skip


def test_the_presiding_leader_names_a_delegate_too_and_takes_it_back(cast):
    with unit_of_work():
        speech = spoken_by_mei(cast)
        services.name_delegate(speech, cast.people["tom"], actor=cast.li_wei)
    with unit_of_work():
        services.name_delegate(speech, None, actor=cast.li_wei)
    with pytest.raises(Forbidden), unit_of_work():
        requirements.confirm_speech(speech, actor=cast.tom)


def test_an_assistant_is_no_delegate(cast):
    with unit_of_work():
        speech = spoken_by_mei(cast)
        assistants.name_assistant(cast.people["mei"], cast.people["petra"], actor=cast.mei)
    with pytest.raises(Forbidden), unit_of_work():
        requirements.confirm_speech(speech, actor=cast.petra)
    assert not speech.is_confirmed


def test_guard_who_recorded_the_words_does_not_confirm_them_unless_they_spoke(cast):
    with unit_of_work():
        speech = spoken_by_mei(cast)
    with pytest.raises(CannotConfirm) as refused, unit_of_work():
        services.name_delegate(speech, cast.people["sara"], actor=cast.mei)
    assert refused.value.field == "delegate_ref"
    with unit_of_work():  # named before she wrote anything down
        other = record_speech(cast, event=speech.event, session=speech.session, speaker=cast.people["mei"])
        services.name_delegate(other, cast.people["olaf"], actor=cast.mei)
        services.add_passage(other, actor=cast.olaf, kind="context", verbatim="Good morning.")
    with pytest.raises(Forbidden), unit_of_work():
        requirements.confirm_speech(other, actor=cast.olaf)
    with unit_of_work():  # a secretary who speaks knows what she said
        own = record_speech(cast, event=speech.event, session=speech.session, speaker=cast.people["sara"])
        services.add_passage(own, actor=cast.sara, kind="context", verbatim="Thank you.")
    with unit_of_work():
        requirements.confirm_speech(own, actor=cast.sara)
    assert (own.is_confirmed, other.is_confirmed) == (True, False)


def test_nobody_is_named_who_could_not_confirm(cast):
    with unit_of_work():
        speech = spoken_by_mei(cast, event=make_event(audience=Audience.RESTRICTED))
        stranger = make_person(name="Old Wang")
    for person in (stranger, cast.people["tom"]):  # without an account; without a part in this event
        with pytest.raises(CannotConfirm), unit_of_work():
            services.name_delegate(speech, person, actor=cast.mei)
    assert speech.delegate is None


def test_the_speaker_is_asked_by_mail_with_a_link(cast):
    with unit_of_work():
        speech = spoken_by_mei(cast)
        empty = record_speech(cast, event=speech.event, session=speech.session)
        cast.mei.language = "zh_Hans_CN"
    with pytest.raises(NothingSaid), unit_of_work():
        services.ask_for_confirmation(empty, actor=cast.sara)
    with pytest.raises(Forbidden), unit_of_work():
        services.ask_for_confirmation(speech, actor=cast.petra)
    with unit_of_work():
        services.name_delegate(speech, cast.people["tom"], actor=cast.mei)
        services.ask_for_confirmation(speech, actor=cast.sara)
    asked = {
        each.to_address: each
        for each in db.session.scalars(select(MailMessage))
        if each.kind == "speech.confirmation_asked"
    }
    assert set(asked) == {"mei@hufu.example", "tom@hufu.example"}
    for mail in asked.values():
        assert f"/events/{speech.event.ref}/speeches/{speech.ref}/confirmation" in mail.text
    assert asked["mei@hufu.example"].language == "zh_Hans_CN"
    assert "You were named to confirm it" in asked["tom@hufu.example"].text
    with unit_of_work():
        requirements.confirm_speech(speech, actor=cast.mei)
    with pytest.raises(WordingIsConfirmed), unit_of_work():
        services.ask_for_confirmation(speech, actor=cast.sara)


def test_a_translation_stands_beside_what_was_said_and_never_touches_it(cast):
    with unit_of_work():
        speech = spoken_by_mei(cast)
        requirements.confirm_speech(speech, actor=cast.mei)
    passage, said = speech.passages[0], speech.passages[0].verbatim
    for language in (None, "en"):
        with pytest.raises(NothingSaid), unit_of_work():
            services.translate(speech, actor=cast.sara, language=language, translations={passage.ref: "五个方案。"})
    with pytest.raises(Forbidden), unit_of_work():
        services.translate(speech, actor=cast.mei, language="zh", translations={passage.ref: "五个方案。"})
    with unit_of_work():
        services.translate(speech, actor=cast.sara, language="zh", translations={passage.ref: "五个方案。"})
    assert (passage.translation, passage.verbatim, speech.translation_language) == ("五个方案。", said, "zh")
    assert db.session.scalar(select(Requirement)).verbatim == said


# --- in the browser -----------------------------------------------------------------------------------------------


@pytest.fixture
def page(app) -> str:
    with app.app_context(), unit_of_work():
        cast = the_cast.load()
        speech = spoken_by_mei(cast)
        return f"/events/{speech.event.ref}/speeches/{speech.ref}"


def version(visitor, page: str) -> str:
    return re.search(r'name="version"[^>]*value="([^"]*)"', visitor.get(page).get_data(as_text=True)).group(1)


def test_asking_naming_confirming_and_translating_in_the_browser(page, as_, app):
    sara, mei, tom, rita = as_("sara"), as_("mei"), as_("tom"), as_("rita")
    with app.app_context():
        toms = db.session.scalar(select(Person.ref).where(Person.name == "Tom Okafor"))
    assert "Ask for the confirmation" in sara.get(page).get_data(as_text=True)
    assert sara.post(f"{page}/confirmation-request").status_code == 303
    assert tom.get(f"{page}/confirmation").status_code == 403
    needs = "Confirm the wording of what was required"
    assert (needs in mei.get("/").get_data(as_text=True), needs in tom.get("/").get_data(as_text=True)) == (True, False)
    for who in (sara, tom, rita):
        assert who.get(f"{page}/delegate").status_code == 403
    sent = {"delegate_ref": toms, "version": version(mei, f"{page}/delegate")}
    assert mei.post(f"{page}/delegate", sent).status_code == 303
    assert needs in tom.get("/").get_data(as_text=True)
    assert "May confirm for the speaker: Tom Okafor" in rita.get(page).get_data(as_text=True)
    assert tom.post(f"{page}/confirmation", {"version": version(tom, f"{page}/confirmation")}).status_code == 303
    assert "Confirmed by Tom Okafor" in rita.get(page).get_data(as_text=True)
    shown = sara.get(f"{page}/translation").get_data(as_text=True)
    (field,) = set(re.findall(r'name="(t_[0-9a-z]{16})"', shown))
    sent = {field: "带来五个方案。", "translation_language": "zh", "version": version(sara, f"{page}/translation")}
    assert sara.post(f"{page}/translation", sent).status_code == 303
    assert rita.get(f"{page}/translation").status_code == 403
    said, translated = "The institutes bring me five plans", "带来五个方案。"
    for text, has_said, has_translated in (
        ("original", True, False),
        ("both", True, True),
        ("translation", False, True),
        ("%00", True, True),
    ):
        shown = rita.get(f"{page}?text={text}").get_data(as_text=True)
        spoken = shown[shown.index("data-spoken") : shown.index("glosses")]
        assert (said in spoken, translated in spoken) == (has_said, has_translated), text
    assert re.search(r'class="kept-lines" lang="en">', shown)
    assert re.search(r'translation" lang="zh-Hans">带来', shown)


def test_a_statement_is_recorded_edited_and_removed(page, as_, app):
    event = page.rpartition("/speeches/")[0]
    with app.app_context(), unit_of_work():
        team = make_team(name="Kiln Seven Team").ref
    sara, petra = as_("sara"), as_("petra")
    sent = {"team_ref": team, "verbatim": "We will hold the heat."}
    assert sara.post(f"{event}/statements/new", sent).status_code == 303
    shown = sara.get(f"{event}/speeches").get_data(as_text=True)
    own = re.search(rf"{event}/statements/[0-9a-z]{{16}}", shown).group()
    assert own not in petra.get(f"{event}/speeches").get_data(as_text=True)
    assert "We will hold the heat." in sara.get(f"{own}/edit").get_data(as_text=True)
    seen = version(sara, f"{own}/edit")
    assert sara.post(f"{own}/edit", {"team_ref": team, "verbatim": "", "version": seen}).status_code == 422
    assert (
        sara.post(f"{own}/edit", {"team_ref": team, "verbatim": "We hold the heat.", "version": seen}).status_code
        == 303
    )
    assert sara.post(f"{own}/edit", {"team_ref": team, "verbatim": "We lose it.", "version": seen}).status_code == 409
    for who, path in ((petra, "/edit"), (petra, "/removal"), (as_("li_wei"), "/removal")):
        assert who.post(own + path).status_code == 403
    with app.app_context():
        assert [each.verbatim for each in db.session.scalars(select(Statement))] == ["We hold the heat."]
    assert sara.post(f"{own}/removal").status_code == 303
    assert sara.get(f"{own}/edit").status_code == 404
    with app.app_context():
        assert db.session.scalars(select(Statement)).all() == []
        assert db.session.scalar(select(AuditEntry).where(AuditEntry.action == "statement.removed")) is not None
