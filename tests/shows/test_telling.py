"""Whoever owns a cue hears of each version that is given out, with what is different for them."""

from app.core.db import db, unit_of_work
from app.mail.models import MailMessage
from app.shows import services
from tests.cast import Cast
from tests.factories import make_event, make_person
from tests.factories.shows import make_cue, make_show, minutes


def mails() -> list[MailMessage]:
    return db.session.query(MailMessage).filter_by(kind="show_published").order_by(MailMessage.id).all()


def test_owners_with_an_account_are_told_once_a_version_what_is_different_for_them(cast: Cast) -> None:
    people = cast.people
    with unit_of_work():
        event = make_event()
        show = make_show(event, title="Kiln night")
        doors = make_cue(show, title="Doors", owner=people["petra"], sound="Low")
        make_cue(show, title="Anthem", owner=people["tom"])
        make_cue(show, title="Coats", owner=make_person(name="Without Account"))
        make_cue(show, title="Ghost", owner_name="Somebody")
        make_cue(show, title="Mine", owner=people["olaf"])
        services.publish(show, actor=cast.olaf)
    first = mails()
    assert [each.to_name for each in first] == [people["petra"].name, people["tom"].name]
    assert first[0].subject == "Run of show “Kiln night”: version 1"
    assert f"/events/{event.ref}/shows/{show.ref}\n" in first[0].text
    assert "101 at 19:30: Doors" in first[0].text
    assert "Anthem" not in first[0].text
    with unit_of_work():
        services.edit_cue(doors, actor=cast.olaf, sound="Loud", minutes=8)
        services.publish(show, actor=cast.olaf, note="Louder")
    petra, tom = mails()[2:]
    assert "version 2" in petra.text
    assert "version 1: please work from no older print" in petra.text
    assert "  Sound: Low → Loud\n" in petra.text
    assert "  Minutes: 5 → 8\n" in petra.text
    assert "  Start: 19:35 → 19:38\n" in tom.text
    assert "Low" not in tom.text
    with unit_of_work():
        services.edit_cue(doors, actor=cast.olaf, owner=people["tom"])
        services.publish(show, actor=cast.olaf, note="Tom opens")
    petra, tom = mails()[4:]
    assert f"Owner: {people['petra'].name} → {people['tom'].name}" in petra.text
    assert f"Owner: {people['petra'].name} → {people['tom'].name}" in tom.text
    with unit_of_work():
        services.edit_cue(show.cues[2], actor=cast.olaf, props="Hangers")
        services.publish(show, actor=cast.olaf, note="Hangers")
    assert ["Nothing is different for your cues." in each.text for each in mails()[6:]] == [True]


def test_who_may_not_open_the_event_hears_nothing_of_its_evening(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event(audience="restricted"))
        make_cue(show, owner=cast.people["petra"])
        services.publish(show, actor=cast.olaf)
    assert mails() == []


def test_each_reads_it_in_their_own_language(cast: Cast) -> None:
    with unit_of_work():
        cast.accounts["li_wei"].language = "zh_Hans_CN"
        show = make_show(make_event(), title="Evening", title_local="晚会")
        cue = make_cue(show, title="Doors", title_local="开门", owner=cast.people["li_wei"])
        services.publish(show, actor=cast.olaf)
        services.edit_cue(cue, actor=cast.olaf, fixed_at=show.starts_at + minutes(5))
        services.publish(show, actor=cast.olaf, note="Later")
    first, second = mails()
    assert first.subject == "流程台本“晚会”：第 1 版"
    assert "开门" in second.text
    assert "19:30 → 19:35" in second.text
