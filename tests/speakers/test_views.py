"""The pages of speakers: the organizer's list, the link in the mail, the speaker's own, what readers see."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.db import db, unit_of_work
from app.events.models import Audience, Event
from app.programme.models import AgendaItem
from app.speakers.models import SpeakerProfile
from tests import cast as the_cast
from tests.conftest import Visitor
from tests.factories import make_event, make_item, make_person, make_session, save
from tests.factories.speakers import PDF, mails_of, make_deliverable, make_png, make_version, token_in, upload

As = Callable[[str], Visitor]


class Scene:
    """An event with one speech by Petra, by refs alone: each page reads for itself."""

    def __init__(self, app: Flask, **values: Any) -> None:
        self.app = app
        with app.app_context():
            cast = the_cast.load()
            with unit_of_work():
                event = make_event(title="Gathering", **values)
                session = make_session(event, title="Strategy", day=event.starts_on)
                item = make_item(event, kind="speech", title="Steel", session=session, speakers=[cast.people["petra"]])
                owed = make_deliverable(item, cast.people["petra"])
            self.event, self.item, self.session = event.ref, item.ref, session.ref
            self.part, self.owed = item.speakers[0].ref, owed.ref
            self.petra, self.tom = cast.people["petra"].ref, cast.people["tom"].ref
        self.base = f"/events/{self.event}"

    def consent(self) -> str:
        with self.app.app_context():
            return db.session.query(AgendaItem).filter_by(ref=self.item).one().speakers[0].consent

    def mails(self, kind: str) -> list[Any]:
        with self.app.app_context():
            event = db.session.query(Event).filter_by(ref=self.event).one()
            return mails_of(event, kind)


@pytest.fixture
def scene(app: Flask) -> Scene:
    return Scene(app)


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def test_an_organizer_asks_and_the_speaker_answers_by_the_link_signed_out(scene: Scene, as_: As) -> None:
    olaf, stranger = as_("olaf"), as_("nobody")
    page = text(olaf.get(f"{scene.base}/speakers"))
    assert "Petra Lindqvist" in page
    assert "Not asked yet" in page
    preview = text(olaf.get(f"{scene.base}/speakers/asking"))
    assert "1 person is asked" in preview
    assert olaf.post(f"{scene.base}/speakers/asking", {"message": "Please."}).status_code == 303
    link = f"/speaking/{token_in(scene.mails('speaker_asked')[0])}"

    for _look in range(3):  # mail programs look at links before people do
        looked = stranger.get(f"{link}?says=yes")
        assert looked.status_code == 200
        assert looked.headers["Referrer-Policy"] == "no-referrer"
    assert scene.consent() == "asked"
    assert stranger.post(link, {}).status_code == 422
    assert stranger.post(link, {"answer": "yes", "note": "Gladly"}).status_code == 303
    assert scene.consent() == "accepted"
    assert "You have accepted." in text(stranger.get(link))
    second = stranger.post(link, {"answer": "no"})
    assert (second.status_code, "used already" in text(second)) == (409, True)
    assert scene.consent() == "accepted"
    assert "“Gladly”" in text(olaf.get(f"{scene.base}/speakers"))


def test_a_link_of_somebody_else_and_one_that_has_ended_are_told_in_words(scene: Scene, as_: As) -> None:
    as_("olaf").post(f"{scene.base}/speakers/asking", {})
    link = f"/speaking/{token_in(scene.mails('speaker_asked')[0])}"
    tom = as_("tom")
    looked = tom.get(link)
    assert (looked.status_code, "This link is for somebody else" in text(looked)) == (403, True)
    assert tom.post(link, {"answer": "no"}).status_code == 403
    assert scene.consent() == "asked"
    unknown = tom.get("/speaking/not-a-token")
    assert (unknown.status_code, "This link has ended" in text(unknown)) == (404, True)
    petra = as_("petra")  # the link works for herself when she is signed in, too
    assert petra.post(link, {"answer": "no"}).status_code == 303
    assert scene.consent() == "declined"


def test_asked_of_you_stands_on_home_and_can_be_answered_there(scene: Scene, as_: As) -> None:
    petra, olaf = as_("petra"), as_("olaf")
    assert "You are asked to speak" not in text(petra.get("/"))
    assert petra.get(f"/my/speaking/{scene.part}").status_code == 404  # named, and not asked
    olaf.post(f"{scene.base}/speakers/asking", {})
    home = text(petra.get("/"))
    assert "You are asked to speak in “Steel”" in home
    assert "Bring in: Slides" in home
    assert "Steel" in text(petra.get("/my/speaking"))
    assert as_("tom").get(f"/my/speaking/{scene.part}").status_code == 404
    assert petra.post(f"/my/speaking/{scene.part}", {"answer": "no", "note": "Ill"}).status_code == 303
    again = petra.post(f"/my/speaking/{scene.part}", {"answer": "no"})
    assert (again.status_code, "declined already" in text(again)) == (409, True)
    assert "Find another speaker" in text(olaf.get("/"))
    assert "“Ill”" in text(olaf.get(f"{scene.base}/speakers?which=declined"))


def test_who_was_asked_in_a_draft_answers_although_the_event_is_hidden(app: Flask, as_: As) -> None:
    scene = Scene(app, status="draft")
    as_("olaf").post(f"{scene.base}/speakers/asking", {})
    petra = as_("petra")
    assert petra.get(scene.base).status_code == 404
    assert petra.post(f"/my/speaking/{scene.part}", {"answer": "yes"}).status_code == 303
    assert scene.consent() == "accepted"


def test_readers_meet_the_speaker_with_photo_and_words(app: Flask, as_: As) -> None:
    scene = Scene(app, audience=Audience.PUBLIC)
    profile = f"{scene.base}/speakers/{scene.petra}/profile"
    photo = f"{scene.base}/speakers/{scene.petra}/photo"
    petra, stranger = as_("petra"), as_("nobody")
    assert stranger.get(photo).status_code == 404
    sent = {"bio": "Builds <b>furnaces</b>.", "picture": upload(make_png(note="secret place"), "me.png")}
    assert petra.post(profile, sent, content_type="multipart/form-data").status_code == 303
    page = text(stranger.get(f"{scene.base}/speakers/{scene.petra}"))
    assert "Builds &lt;b&gt;furnaces&lt;/b&gt;." in page
    assert "Project lead" in page
    assert "Edit the profile" not in page
    picture = stranger.get(photo)
    assert (picture.content_type, picture.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert b"secret place" not in picture.data
    assert scene.petra in text(stranger.get(f"{scene.base}/sessions/{scene.session}"))
    assert as_("tom").get(profile).status_code == 403
    assert stranger.get(f"{scene.base}/speakers/{scene.tom}").status_code == 404
    refused = petra.post(
        profile, {"bio": "Other", "picture": upload(PDF, "me.png")}, content_type="multipart/form-data"
    )
    assert (refused.status_code, "cannot be read" in text(refused)) == (422, True)
    assert "Builds" in text(stranger.get(f"{scene.base}/speakers/{scene.petra}"))
    assert petra.post(f"{scene.base}/speakers/{scene.petra}/photo/removal").status_code == 303
    assert stranger.get(photo).status_code == 404


def test_two_who_edit_a_profile_see_both_versions(scene: Scene, as_: As, app: Flask) -> None:
    with app.app_context(), unit_of_work():
        item = db.session.query(AgendaItem).filter_by(ref=scene.item).one()
        save(SpeakerProfile(event=item.event, person=item.speakers[0].person, bio="First"))
    url = f"{scene.base}/speakers/{scene.petra}/profile"
    petra = as_("petra")
    assert petra.post(url, {"bio": "Second", "version": "1"}).status_code == 303
    stale = as_("olaf").post(url, {"bio": "Third", "version": "1"})
    assert stale.status_code == 409
    assert "Second" in text(stale)
    assert "Third" in text(stale)


def test_slides_are_brought_in_sent_back_and_accepted(scene: Scene, as_: As) -> None:
    petra, sara, tom = as_("petra"), as_("sara"), as_("tom")
    url = f"{scene.base}/deliverables/{scene.owed}"
    multipart = {"content_type": "multipart/form-data"}
    refused = petra.post(f"{url}/versions", {"file": upload(PDF, "slides.exe")}, **multipart)
    assert (refused.status_code, "one of: PPTX, PDF" in text(refused)) == (422, True)
    assert petra.post(f"{url}/versions", {"file": upload(PDF, "幻灯 1.pdf")}, **multipart).status_code == 303
    page = text(sara.get(url))
    assert "幻灯 1.pdf" in page
    file = page.split("/versions/")[1].split("/file")[0]
    fetched = sara.get(f"{url}/versions/{file}/file")
    assert fetched.data == PDF
    assert "attachment" in fetched.headers["Content-Disposition"]
    assert fetched.headers["Content-Security-Policy"].startswith("sandbox")
    assert tom.get(url).status_code == 404
    assert tom.get(f"{url}/versions/{file}/file").status_code == 404
    assert petra.post(f"{url}/verdict", {"verdict": "accept"}).status_code == 403
    assert sara.post(f"{url}/verdict", {"verdict": "return"}).status_code == 422
    assert sara.post(f"{url}/verdict", {"verdict": "return", "words": "Page 3"}).status_code == 303
    assert "“Page 3”" in text(petra.get(url))
    petra.post(f"{url}/versions", {"file": upload(PDF, "b.pdf")}, **multipart)
    assert sara.post(f"{url}/verdict", {"verdict": "accept"}).status_code == 303
    late = sara.post(f"{url}/verdict", {"verdict": "accept"})
    assert (late.status_code, "judged already" in text(late)) == (409, True)
    assert "Accepted" in text(sara.get(f"{scene.base}/deliverables?state=accepted"))


def test_what_every_speech_needs_is_said_in_one_act_and_the_board_reminds(scene: Scene, as_: As) -> None:
    olaf = as_("olaf")
    sent = {"item_kind": "speech", "kind": "script", "days_before": "3"}
    assert olaf.post(f"{scene.base}/deliverables/everybody", sent).status_code == 303
    assert olaf.post(f"{scene.base}/deliverables/everybody", {**sent, "days_before": "x"}).status_code == 422
    preview = text(olaf.get(f"{scene.base}/deliverables/reminder?kind=script"))
    assert "1 person is reminded" in preview
    assert "Slides" not in preview.split('id="reminded"')[1].split("</section>")[0]
    assert olaf.post(f"{scene.base}/deliverables/reminder?kind=script", {}).status_code == 303
    assert "was reminded today" in text(olaf.get(f"{scene.base}/deliverables/reminder?kind=script"))
    assert len(scene.mails("deliverables_missing")) == 1
    added = {"part": scene.part, "kind": "photo", "days_before": "1"}
    assert olaf.post(f"{scene.base}/deliverables/new", added).status_code == 303
    assert olaf.post(f"{scene.base}/deliverables/new", added).status_code == 422
    settings = f"{scene.base}/deliverables/{scene.owed}/settings"
    assert olaf.post(settings, {"days_before": "2", "note": "16:9", "version": "1"}).status_code == 303
    assert olaf.post(settings, {"days_before": "4", "note": "4:3", "version": "1"}).status_code == 409
    assert olaf.post(f"{scene.base}/deliverables/{scene.owed}/removal").status_code == 303
    assert olaf.get(f"{scene.base}/deliverables/{scene.owed}").status_code == 404


def test_a_speaker_tells_when_they_cannot_come(scene: Scene, as_: As) -> None:
    petra = as_("petra")
    url = f"{scene.base}/speaking/times"
    with scene.app.app_context():
        day = db.session.query(Event).filter_by(ref=scene.event).one().starts_on
    sent = {"starts_at": f"{day}T09:00", "ends_at": f"{day}T11:00", "note": "Flight"}
    assert petra.post(url, sent).status_code == 303
    page = text(petra.get(url))
    assert "09:00–11:00" in page
    window = page.split("/speaking/times/")[1].split("/removal")[0]
    wrong = petra.post(url, {**sent, "ends_at": f"{day}T08:00"})
    assert (wrong.status_code, "must lie after the start" in text(wrong)) == (422, True)
    assert as_("tom").get(url).status_code == 403
    assert petra.post(f"{url}/{window}/removal").status_code == 303
    assert "Flight" not in text(petra.get(url))


def test_records_of_another_event_are_not_there(scene: Scene, app: Flask, as_: As) -> None:
    other = Scene(app)
    olaf = as_("olaf")
    for path in (
        f"/speakers/asking?part={other.part}", f"/deliverables/{other.owed}", f"/deliverables/{other.owed}/settings",
        f"/speakers/{other.petra}/answers/{other.part}",
    ):  # fmt: skip
        assert olaf.get(scene.base + path).status_code == 404, path
    assert olaf.post(f"{scene.base}/deliverables/{other.owed}/removal").status_code == 404
    assert olaf.post(f"{scene.base}/deliverables/new", {"part": other.part, "kind": "photo", "days_before": "1"}).status_code == 422  # fmt: skip


def test_the_lists_ask_the_same_number_of_statements_for_one_speaker_and_for_thirty(
    scene: Scene, app: Flask, as_: As, count_statements: Callable[[], Any]
) -> None:
    olaf = as_("olaf")
    pages = (f"{scene.base}/speakers", f"{scene.base}/deliverables", f"{scene.base}/deliverables/reminder")

    def count(page: str) -> int:
        with count_statements() as said:
            assert olaf.get(page).status_code == 200
        return len(said)

    few = [count(page) for page in pages]
    with app.app_context(), unit_of_work():
        event = db.session.query(Event).filter_by(ref=scene.event).one()
        for _each in range(30):
            person = make_person(name="Ж" * 60)
            item = make_item(event, speakers=[person])
            make_version(make_deliverable(item, person))
            make_deliverable(item, person, kind="photo")
            save(SpeakerProfile(event=event, person=person, bio="x"))
    assert [count(page) for page in pages] == few
    assert max(few) <= 10
