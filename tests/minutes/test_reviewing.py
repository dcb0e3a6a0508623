"""A review: who is asked, until when, what silence means, comments with another wording, and the way back to draft."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.events.models import Audience
from app.mail.models import MailMessage
from app.minutes import extracts, policy, queries, reviews, services
from app.minutes.errors import (
    CommentsOpen,
    CutLoose,
    MayNotSee,
    NotAsked,
    ParagraphGone,
    RoundIsOpen,
    SectionTaken,
    WrongStage,
)
from app.minutes.models import CommentState, Minutes, MinutesState, ReviewAnswer, ReviewComment
from app.minutes.services.reviewing import close_reviews
from app.people.models import Clearance
from tests.cast import Cast, load
from tests.conftest import Visitor
from tests.factories import make_event, make_part, make_session
from tests.factories.minutes import let_all_stand, make_draft

NOW = datetime(2027, 3, 1, 2, tzinfo=UTC)  # ten in the morning in Shanghai
LAST_DAY = date(2027, 3, 4)
TEXT = "## Opening\n\nThe pump ran.\n\n- One kiln\n- Two kilns\n\n## Money\n\nIt cost 7 million."


def mails(kind: str) -> list[MailMessage]:
    return db.session.query(MailMessage).filter_by(kind=kind).order_by(MailMessage.id).all()


def ask(cast: Cast, *names: str, silence_agrees: bool = True, **values: object) -> Minutes:
    """A draft that was sent to these reviewers, until the end of the last day."""
    minutes = make_draft(cast, **{"text": TEXT, **values})
    services.send_to_review(
        minutes, actor=cast.sara, reviewers=[cast.people[each] for each in names], due_on=LAST_DAY,
        silence_agrees=silence_agrees, note="Please look at the kilns.",
    )  # fmt: skip
    return minutes


def refused(kind: type[BaseException], act: Callable[[], object]) -> str:
    """What the refusal says; nothing is changed by the act, and nothing stands in the log."""
    before = told()
    with pytest.raises(kind) as caught, unit_of_work():
        act()
    assert told() == before
    return str(caught.value)


def told() -> list[object]:
    db.session.expire_all()
    return [
        [(each.state, each.newest.whole, each.newest.version) for each in db.session.query(Minutes)],
        [(each.state, each.answer, each.proposed) for each in db.session.query(ReviewComment)],
        db.session.query(MailMessage).count(),
        db.session.query(AuditEntry).count(),
    ]


# --- rounds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("silence_agrees", "sentence"),
    [
        (True, "If you say nothing until then, your silence counts as your agreement"),
        (False, "If you say nothing until then, your silence does not count as agreement"),
    ],
)
def test_the_request_says_until_when_and_what_silence_means(cast: Cast, silence_agrees: bool, sentence: str) -> None:
    with clock.at(NOW), unit_of_work():
        ask(cast, "petra", "mei", silence_agrees=silence_agrees)
    asked = mails("minutes_asked")
    assert sorted(each.to_name for each in asked) == ["Mei Zhao", "Petra Lindqvist"]
    assert sentence in " ".join(asked[0].text.split())
    assert "until the end of Thu 4 Mar 2027 (Asia/Shanghai)" in " ".join(asked[0].text.split())
    assert "Please look at the kilns." in asked[0].text
    assert "The pump ran" not in asked[0].text
    assert mails("minutes_review") == []  # the leader is asked when the review is over


def test_the_round_closes_itself_when_its_last_day_is_over_in_the_zone_of_the_gathering(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = ask(cast, "petra", "mei", "tom")
        services.comment(minutes, actor=cast.mei, text="Three kilns.")
        services.answer(minutes, actor=cast.petra, agrees=True)
    with clock.at(datetime(2027, 3, 4, 15, 59, tzinfo=UTC)):  # a minute before midnight in Shanghai
        close_reviews()
        assert reviews.open_round(minutes.newest) is not None
    with clock.at(datetime(2027, 3, 4, 16, 1, tzinfo=UTC)):
        close_reviews()
        close_reviews()
    (round_,) = minutes.newest.rounds
    assert round_.closed_at is not None
    answers = {each.person.name: each.answer for each in round_.reviewers}
    assert answers == {
        "Petra Lindqvist": ReviewAnswer.AGREED, "Mei Zhao": ReviewAnswer.CORRECTIONS, "Tom Okafor": None,
    }  # fmt: skip
    assert [each.to_name for each in mails("minutes_review")] == ["Li Wei"]
    (report,) = mails("minutes_reviewed")
    assert "Agreed: 1. Corrections: 1. Silent: 1. Silence counts as agreement." in report.text
    assert minutes.state == MinutesState.IN_REVIEW


def test_the_round_is_over_once_everybody_has_answered(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = ask(cast, "petra", "mei")
        services.answer(minutes, actor=cast.petra, agrees=True)
        assert reviews.open_round(minutes.newest) is not None
        said = services.comment(minutes, actor=cast.mei, text="Three kilns.")
        services.answer(minutes, actor=cast.mei, agrees=False)
    assert reviews.open_round(minutes.newest) is None
    assert [each.to_name for each in mails("minutes_review")] == ["Li Wei"]
    refused(Forbidden, lambda: services.comment(minutes, actor=cast.petra, text="Too late."))
    with clock.at(NOW), unit_of_work():
        services.resolve(said, actor=cast.sara)
        services.ask_again(minutes, actor=cast.sara, reviewers=[cast.people["petra"]], due_on=LAST_DAY)
        services.comment(minutes, actor=cast.petra, text="In time again.")
    assert [each.number for each in minutes.newest.rounds] == [1, 2]


def test_an_answer_is_ones_own_and_says_what_is_so(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = ask(cast, "petra", "mei")
    refused(NotAsked, lambda: services.answer(minutes, actor=cast.petra, agrees=False))
    for name in ("tom", "sara", "li_wei", "aude"):
        refused(Forbidden, lambda name=name: services.answer(minutes, actor=getattr(cast, name), agrees=True))
    with unit_of_work():
        said = services.comment(minutes, actor=cast.petra, text="Three kilns.")
    refused(NotAsked, lambda: services.answer(minutes, actor=cast.petra, agrees=True))
    with unit_of_work():
        services.resolve(said, actor=cast.sara)
        services.answer(minutes, actor=cast.petra, agrees=True)
    assert reviews.asked_as(cast.people["petra"], minutes.newest).answer == ReviewAnswer.AGREED


def test_whom_and_until_when_one_can_ask(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        event = make_event(audience=Audience.RESTRICTED)
        make_part(event, cast.people["petra"])
        minutes = make_draft(cast, session=make_session(event))
        open_ = make_draft(cast)
    petra, rita, sara = (cast.people[each] for each in ("petra", "rita", "sara"))

    def send(who: list[object], day: date | None, of: Minutes = minutes) -> Callable[[], object]:
        return lambda: services.send_to_review(of, actor=cast.sara, reviewers=who, due_on=day)  # type: ignore[arg-type]

    with clock.at(NOW):
        assert "Rita Sommer" in refused(MayNotSee, send([petra, rita], LAST_DAY))
        refused(MayNotSee, send([sara], LAST_DAY, open_))  # who recorded it is asked nothing
        refused(Refused, send([petra], None))
        refused(Refused, send([petra], date(2027, 2, 28)))
        refused(Refused, send([petra], date(2027, 3, 1) + timedelta(days=61)))
        with unit_of_work():
            send([petra], date(2027, 3, 1))()
        refused(RoundIsOpen, lambda: services.ask_again(minutes, actor=cast.sara, reviewers=[petra], due_on=LAST_DAY))


def test_nobody_is_asked_who_reads_nothing_of_the_text(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = make_draft(cast, text=TEXT)
        for each in minutes.newest.sections:
            each.clearance = Clearance.SECRET
        cast.people["mei"].clearance = Clearance.SECRET
    with clock.at(NOW):
        refused(
            MayNotSee,
            lambda: services.send_to_review(
                minutes, actor=cast.sara, reviewers=[cast.people["petra"]], due_on=LAST_DAY
            ),
        )
        assert [each.name for each in reviews.list_reviewers(minutes)] == ["Mei Zhao"]


def test_reviewers_see_the_text_in_review_and_nothing_of_a_draft(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = ask(cast, "petra")
    newest = minutes.newest

    def sees(name: str) -> bool:
        db.session.expire_all()
        actor = getattr(cast, name)
        listed = minutes in queries.list_minutes(actor, minutes.event)
        assert listed == policy.may_see(actor, minutes) == policy.may_see_version(actor, minutes, newest)
        return listed

    assert (sees("petra"), sees("tom")) == (True, False)
    assert [(each.kind, each.minutes) for each in queries.needs_of(cast.people["petra"])] == [("review", minutes)]
    assert queries.needs_of(cast.people["li_wei"]) == []  # is asked to sign off when the review is over
    with unit_of_work():
        newest.sections[0].clearance = newest.sections[1].clearance = Clearance.RESTRICTED
    assert sees("petra") is False
    with unit_of_work():
        newest.sections[0].clearance = Clearance.INTERNAL
        services.send_back(minutes, actor=cast.sara, reason="Once more.")
    assert sees("petra") is False
    assert queries.needs_of(cast.people["petra"]) == []


# --- comments with another wording --------------------------------------------------------------------------------


def at(minutes: Minutes, heading: str) -> str:
    return next(each.origin for each in minutes.newest.sections if each.heading == heading)


def test_a_proposed_wording_is_taken_over_by_one_act(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = ask(cast, "petra")
        opening = at(minutes, "Opening")
        said = services.comment(
            minutes,
            actor=cast.petra,
            text="",
            section_origin=opening,
            quoted="- Two kilns",
            number=3,
            proposed="Three kilns",
        )
        other = services.comment(
            minutes, actor=cast.petra, text="Say when.", section_origin=opening, quoted="The pump ran.", number=1,
            proposed="The pump ran all night.",
        )  # fmt: skip
        refused_by = cast.petra
    refused(Forbidden, lambda: services.accept(said, actor=refused_by))
    refused(CommentsOpen, lambda: services.approve(minutes, actor=cast.li_wei))
    with unit_of_work():
        services.accept(said, actor=cast.sara)
        services.accept(other, actor=cast.sara)
    assert minutes.newest.sections[0].source == "The pump ran all night.\n\n- One kiln\n- Three kilns"
    assert (said.state, other.state) == (CommentState.ACCEPTED, CommentState.ACCEPTED)
    refused(WrongStage, lambda: services.accept(said, actor=cast.sara))
    with unit_of_work():
        let_all_stand(cast, minutes)
        services.approve(minutes, actor=cast.li_wei)  # who proposes a wording has not written the text
    assert minutes.state == MinutesState.APPROVED


def test_a_paragraph_that_has_gone_is_said_and_nothing_is_lost(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = ask(cast, "petra")
        opening = at(minutes, "Opening")
        said = services.comment(
            minutes,
            actor=cast.petra,
            text="",
            section_origin=opening,
            quoted="The pump ran.",
            number=1,
            proposed="It stood.",
        )
        services.write_section(minutes.newest.sections[0], actor=cast.sara, source="The pumps ran.")
    assert "changed or taken out" in refused(ParagraphGone, lambda: services.accept(said, actor=cast.sara))
    refused(
        ParagraphGone,
        lambda: services.comment(
            minutes, actor=cast.petra, text="x", section_origin=opening, quoted="The pump ran.", number=1
        ),
    )
    assert (said.state, said.proposed) == (CommentState.OPEN, "It stood.")
    with unit_of_work():
        services.write(minutes, actor=cast.sara, text="## Money\n\nIt cost 7 million.")
    refused(ParagraphGone, lambda: services.accept(said, actor=cast.sara))
    with unit_of_work():
        services.resolve(said, actor=cast.sara)
        services.resolve(said, actor=cast.sara)
    assert (said.state, said.resolved_by_name) == (CommentState.DONE, "Sara Novák")


def test_of_the_same_words_the_nearest_are_replaced(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = ask(cast, "petra", text="Adopted.\n\nOne thing.\n\nAdopted.\n\nAnother thing.\n\nAdopted.")
        section = minutes.newest.sections[0]
        said = services.comment(
            minutes,
            actor=cast.petra,
            text="",
            section_origin=section.origin,
            quoted="Adopted.",
            number=3,
            proposed="Deferred.",
        )
        services.accept(said, actor=cast.sara)
    assert section.source == "Adopted.\n\nOne thing.\n\nDeferred.\n\nAnother thing.\n\nAdopted."


def test_a_sentence_that_follows_a_record_keeps_its_mark(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = ask(cast, "petra", text="## Opening\n\n{{chair}} The pump ran.")
        minutes.session.chair = cast.people["li_wei"]
        section = minutes.newest.sections[0]
        part = extracts.read(minutes.newest, Clearance.SECRET).parts[0]
        sentence = part.bindings[0]["sentence"]
        assert part.text == f"{sentence} The pump ran."

        def propose(words: str) -> ReviewComment:
            return services.comment(
                minutes,
                actor=cast.petra,
                text="",
                section_origin=section.origin,
                quoted=part.text,
                number=1,
                proposed=words,
            )

        kept, lost = propose(f"{sentence} The pump stood."), propose("Somebody else was in the chair.")
    assert "Put the record right" in refused(CutLoose, lambda: services.accept(lost, actor=cast.sara))
    refused(Refused, lambda: propose("{{chair}} and so on"))
    with unit_of_work():
        services.accept(kept, actor=cast.sara)
    assert section.source == "{{chair}} The pump stood."


def test_a_proposal_waits_while_somebody_writes_in_the_section(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = ask(cast, "petra")
        said = services.comment(
            minutes,
            actor=cast.petra,
            text="",
            section_origin=at(minutes, "Opening"),
            quoted="The pump ran.",
            proposed="It stood.",
        )
        services.take_section(minutes.newest.sections[0], actor=cast.olaf)
    with clock.at(NOW):
        refused(SectionTaken, lambda: services.accept(said, actor=cast.sara))
        with unit_of_work():
            services.leave_section(minutes.newest.sections[0], actor=cast.olaf)
            services.accept(said, actor=cast.sara)
    assert said.state == CommentState.ACCEPTED


def test_a_comment_that_is_not_followed_gets_its_reason(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = ask(cast, "petra")
        said = services.comment(minutes, actor=cast.petra, text="Two kilns?")
    refused(Refused, lambda: services.decline(said, actor=cast.sara, reason=" "))
    refused(Forbidden, lambda: services.decline(said, actor=cast.petra, reason="No."))
    with unit_of_work():
        services.decline(said, actor=cast.sara, reason="Two were on show.")
    assert (said.state, said.answer) == (CommentState.DECLINED, "Two were on show.")
    (letter,) = mails("minutes_declined")
    assert (letter.to_name, "on show" in letter.text) == ("Petra Lindqvist", False)


def test_nobody_meets_a_comment_above_their_clearance(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = ask(cast, "petra", "mei")
        minutes.newest.sections[1].clearance = Clearance.RESTRICTED
        cast.people["mei"].clearance = Clearance.RESTRICTED
        money, opening = at(minutes, "Money"), at(minutes, "Opening")
        secret = services.comment(minutes, actor=cast.mei, text="Eight million.", section_origin=money)
        general = services.comment(minutes, actor=cast.mei, text="Eight million, I say.")
        open_ = services.comment(minutes, actor=cast.mei, text="Three kilns.", section_origin=opening)

    def meets(level: int) -> list[ReviewComment]:
        return reviews.list_comments(minutes, level)

    assert meets(Clearance.INTERNAL) == [open_]
    assert meets(Clearance.RESTRICTED) == [secret, general, open_]
    assert reviews.find_comment(minutes, secret.ref, Clearance.INTERNAL) is None
    refused(ParagraphGone, lambda: services.comment(minutes, actor=cast.petra, text="x", section_origin=money))
    with unit_of_work():  # what is classified higher later on takes its comments with it
        minutes.newest.sections[0].clearance = Clearance.RESTRICTED
    assert meets(Clearance.INTERNAL) == []
    kept = [f"{each.subject_label} {each.details} {each.reason}" for each in db.session.query(AuditEntry)]
    assert [each for each in kept if "million" in each or "kilns" in each] == []


# --- back to draft ------------------------------------------------------------------------------------------------


def test_the_leader_sends_a_text_back_with_a_reason(cast: Cast) -> None:
    with clock.at(NOW), unit_of_work():
        minutes = ask(cast, "petra")
        services.comment(minutes, actor=cast.petra, text="Three kilns.")
    refused(Refused, lambda: services.send_back(minutes, actor=cast.li_wei, reason=" "))
    for name in ("petra", "sven", "aude", "ada"):
        refused(Forbidden, lambda name=name: services.send_back(minutes, actor=getattr(cast, name), reason="x"))
    with unit_of_work():
        services.send_back(minutes, actor=cast.li_wei, reason="The figures are missing.")
    assert (minutes.state, minutes.newest.stage) == (MinutesState.DRAFT, MinutesState.DRAFT)
    sent_back = reviews.returned(minutes.newest)
    assert (sent_back.returned_by_name, sent_back.returned_reason) == ("Li Wei", "The figures are missing.")
    assert reviews.open_round(minutes.newest) is None
    (letter,) = mails("minutes_returned")
    assert (letter.to_name, "figures" in letter.text) == ("Sara Novák", False)
    with clock.at(NOW), unit_of_work():
        services.send_to_review(minutes, actor=cast.sara)
    assert reviews.returned(minutes.newest) is None
    refused(CommentsOpen, lambda: services.approve(minutes, actor=cast.li_wei))


# --- the pages ----------------------------------------------------------------------------------------------------

As = Callable[[str], Visitor]


def test_a_review_on_the_pages(app: Flask, as_: As) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = make_draft(cast, text=TEXT)
            minutes.newest.sections[1].clearance = Clearance.RESTRICTED
        url = f"/events/{minutes.event.ref}/minutes/{minutes.ref}"
        newest, petra_ref = f"{url}/versions/{minutes.newest.ref}", cast.people["petra"].ref
        opening = minutes.newest.sections[0].origin
        tomorrow = (clock.today("Asia/Shanghai") + timedelta(days=1)).isoformat()
        db.session.rollback()
    sara, petra, li_wei = as_("sara"), as_("petra"), as_("li_wei")
    assert petra.get(newest).status_code == 404
    assert "Whoever says nothing until then" in sara.get(f"{url}/review").text
    missing = sara.post(f"{url}/review", {"reviewers": [petra_ref], "due_on": "", "silence": "nothing"})
    assert (missing.status_code, "Say until which day" in missing.text) == (422, True)
    sent = {"reviewers": [petra_ref], "due_on": tomorrow, "silence": "nothing", "note": ""}
    assert sara.post(f"{url}/review", sent).status_code == 303
    assert "Read the minutes in review" in petra.get("/").text
    page = petra.get(newest).text
    assert "Silence does not count as agreement." in page
    assert "7 million" not in page
    link = next(part.split('"')[0] for part in page.split('href="') if f"comments?at={opening}-1-" in part)
    form = petra.get(link.replace("&amp;", "&")).text
    assert "<blockquote" in form
    assert ">The pump ran.</textarea>" in form.replace("\r\n", "").replace("\n", "")
    place = link.partition("at=")[2]
    typed = {"text": "It was night.", "proposed": "The pump ran at night.", "place": place}
    assert petra.post(f"{url}/comments", typed).status_code == 303
    assert "Take over" not in petra.get(newest).text
    with app.app_context():
        said = db.session.query(ReviewComment).one().ref
        with unit_of_work():
            section = db.session.query(Minutes).one().newest.sections[0]
            services.write_section(section, actor=load().sara, source="The pumps ran.")
    gone = sara.post(f"{url}/comments/{said}/acceptance", follow_redirects=True)
    assert "changed or taken out meanwhile" in gone.text
    assert "at night</ins>" in gone.text
    stale = petra.post(f"{url}/comments", {**typed, "text": "Still my words."})
    assert stale.status_code == 409
    assert "Still my words." in stale.text
    assert "The pump ran at night." in stale.text
    assert f'value="{opening}"' in stale.text  # sent again, it goes to the section
    assert petra.post(f"{url}/comments", {**typed, "place": opening}).status_code == 303
    for verb in ("acceptance", "resolution", "refusal"):
        assert petra.post(f"{url}/comments/{said}/{verb}", {"reason": "x"}).status_code == 403
    assert petra.post(f"{url}/review/answer", {"agrees": "0"}).status_code == 303
    assert petra.post(f"{url}/comments", typed).status_code == 403
    declined = sara.post(f"{url}/comments/{said}/refusal", {"reason": "It was noon."})
    assert declined.status_code == 303
    assert "It was noon." in petra.get(newest).text
    back = li_wei.post(f"{url}/return", {"reason": "Look at the kilns again."})
    assert back.status_code == 303
    assert "Look at the kilns again." in sara.get(newest).text
    assert petra.get(newest).status_code == 404
