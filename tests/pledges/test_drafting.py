"""Drafting a pledge and opening it: what must be there, and what is frozen."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.events.models import Audience, Participation, Status
from app.mail.models import MailMessage
from app.pledges import services
from app.pledges.errors import HasARoleAlready, NotOfThisEvent, NotPossibleNow, NotReady, TextIsFrozen
from app.pledges.models import Pledge, PledgeState, SignatureSlot
from app.signing.canonical import fingerprint
from tests.cast import Cast
from tests.factories import make_event, make_team
from tests.factories.pledges import make_draft, make_open, make_round, make_trio


@pytest.fixture
def event(cast: Cast):
    with unit_of_work():
        return make_event(starts_on=clock.today().replace(year=2027, month=1, day=14))


def refusing(pledge: Pledge, cast: Cast) -> str:
    """The sentence with which opening it is refused; the draft stays a draft and nobody gets a mail."""
    with pytest.raises(NotReady) as caught, unit_of_work():
        services.open_pledge(pledge, actor=cast.olaf)
    db.session.refresh(pledge)
    assert (pledge.state, pledge.content, pledge.content_hash) == (PledgeState.DRAFT, None, None)
    assert db.session.scalar(select(func.count(MailMessage.id))) == 0
    return str(caught.value)


def test_numbers_count_within_the_year_of_the_round(event, cast: Cast) -> None:
    with unit_of_work():
        rounds = [make_round(event, year=year) for year in (2027, 2028)]
        labels = [make_draft(event, round=each).label for each in (rounds[0], rounds[0], rounds[1], None)]
    assert labels == ["PL-2027-001", "PL-2027-002", "PL-2028-001", "PL-2027-003"]


def test_a_draft_is_written_by_those_who_record_the_event(event, cast: Cast) -> None:
    for name in ("petra", "sven", "li_wei", "ada", "aude", "dora"):
        with pytest.raises(Forbidden), unit_of_work():
            services.draft_pledge(event, actor=cast.accounts[name], title="Not mine to write")
    with unit_of_work():
        services.draft_pledge(event, actor=cast.sara, title="By the secretary")
    assert db.session.scalar(select(func.count(Pledge.id))) == 1


def test_a_draft_changes_and_a_stale_page_is_told(event, cast: Cast) -> None:
    with unit_of_work():
        pledge = make_draft(event, title="Water")
    opened_on = pledge.version
    with unit_of_work():
        services.edit_pledge(pledge, actor=cast.olaf, version=opened_on, title="Clear Water")
    with pytest.raises(Stale), unit_of_work():
        services.edit_pledge(pledge, actor=cast.sara, version=opened_on, title="Dark Water")
    db.session.refresh(pledge)
    assert pledge.title == "Clear Water"


def test_one_person_holds_one_role_in_a_pledge(event, cast: Cast) -> None:
    petra = cast.people["petra"]
    with unit_of_work():
        pledge = make_draft(event)
        services.add_slot(pledge, petra, "pledger", actor=cast.olaf)
    with pytest.raises(HasARoleAlready), unit_of_work():
        services.add_slot(pledge, petra, "witness", actor=cast.olaf)
    assert db.session.scalars(select(SignatureSlot.role)).all() == ["pledger"]


def test_a_round_of_another_event_is_refused(event, cast: Cast) -> None:
    with unit_of_work():
        foreign = make_round(make_event())
        pledge = make_draft(event)
    with pytest.raises(NotOfThisEvent), unit_of_work():
        services.draft_pledge(event, actor=cast.olaf, title="Astray", round=foreign)
    with pytest.raises(NotOfThisEvent), unit_of_work():
        services.edit_pledge(pledge, actor=cast.olaf, round=foreign)
    assert db.session.scalar(select(func.count(Pledge.id))) == 1


def test_nothing_new_in_a_cancelled_event(event, cast: Cast) -> None:
    with unit_of_work():
        event.status = Status.CANCELLED
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.draft_pledge(event, actor=cast.olaf, title="Too late")
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.add_round(event, actor=cast.olaf, year=2027, title="Too late")


def test_opening_needs_a_text_and_a_pledger(event, cast: Cast) -> None:
    with unit_of_work():
        empty = make_draft(event, text=None)
        services.add_slot(empty, cast.people["petra"], "pledger", actor=cast.olaf)
        unnamed = make_draft(event)
        services.add_slot(unnamed, cast.people["tom"], "witness", actor=cast.olaf)
    assert refusing(empty, cast) == "There is no text yet to sign."
    assert refusing(unnamed, cast) == "A pledge needs somebody who gives it. Name at least one pledger."


@pytest.mark.parametrize("consequence", ["reward", "penalty"])
def test_reward_and_penalty_are_checked_before_opening_and_again_after_each_change(
    event, cast: Cast, consequence: str
) -> None:
    with unit_of_work():
        pledge = make_draft(event, **{consequence: "Five days of leave."})
        services.add_slot(pledge, cast.people["petra"], "pledger", actor=cast.olaf)
    assert refusing(pledge, cast).startswith("Reward and penalty have to be seen")
    with unit_of_work():
        services.check_wording(pledge, actor=cast.olaf)
    with unit_of_work():
        services.edit_pledge(pledge, actor=cast.olaf, title="Another title")
    assert pledge.wording_checked_at is not None
    with unit_of_work():
        services.edit_pledge(pledge, actor=cast.olaf, **{consequence: "Ten days of leave."})
    assert refusing(pledge, cast).startswith("Reward and penalty have to be seen")
    with unit_of_work():
        services.check_wording(pledge, actor=cast.olaf)
    with unit_of_work():
        services.open_pledge(pledge, actor=cast.olaf)
    assert pledge.content[consequence] == "Ten days of leave."


def test_a_deadline_of_yesterday_and_an_event_nobody_sees_are_refused(event, cast: Cast) -> None:
    petra = cast.people["petra"]
    with unit_of_work():
        late = make_draft(event, deadline=clock.today("Asia/Shanghai") - timedelta(days=1))
        hidden = make_draft(make_event(status=Status.DRAFT))
        for each in (late, hidden):
            services.add_slot(each, petra, "pledger", actor=cast.olaf)
    assert refusing(late, cast).startswith("The deadline lies in the past.")
    assert refusing(hidden, cast).startswith("The event is a draft")


def test_opening_freezes_text_and_signatories_inside_the_fingerprint(event, cast: Cast) -> None:
    with unit_of_work():
        pledge = make_trio(
            event, cast, title="Clear Water", text="We clean it.", deadline=event.ends_on + timedelta(days=300),
            targets=[{"target": "Water", "from": "61 %", "to": "85 %", "by": "30 Sep"}], team=make_team(name="Clear Water"),
        )  # fmt: skip
    content = pledge.content
    assert pledge.content_hash == fingerprint(content)
    assert (content["title"], content["text"], content["team"]) == ("Clear Water", "We clean it.", "Clear Water")
    assert content["targets"] == [
        {"target": "Water", "metric": "", "from": "61 %", "to": "85 %", "unit": "", "by": "30 Sep", "kind": ""}
    ]
    assert content["deadline"] == (event.ends_on + timedelta(days=300)).isoformat()
    assert (content["event"]["ref"], content["edition"], content["language"]) == (event.ref, 1, "en")
    assert [(each["role"], each["name"], each["position"]) for each in content["signatories"]] == [
        ("pledger", "Petra Lindqvist", "Project lead"),
        ("witness", "Tom Okafor", "Head of purchasing"),
        ("countersigner", "Li Wei", "President"),
    ]
    without_one = {**content, "signatories": content["signatories"][:2]}
    assert fingerprint(without_one) != pledge.content_hash


def test_positions_stay_as_they_were_when_it_was_opened(event, cast: Cast) -> None:
    with unit_of_work():
        pledge = make_trio(event, cast)
    with unit_of_work():
        cast.people["petra"].positions[0].title = "Vice president"
        cast.people["petra"].name = "Petra Holm"
    slot = pledge.slots[0]
    assert (slot.name, slot.position_title) == ("Petra Lindqvist", "Project lead")
    assert pledge.content["signatories"][0]["name"] == "Petra Lindqvist"


def test_after_opening_nothing_of_it_can_be_edited(event, cast: Cast) -> None:
    with unit_of_work():
        pledge = make_trio(event, cast, text="The one and only text.")
    before = (pledge.text, pledge.content_hash, len(pledge.slots))
    for act in (
        lambda: services.edit_pledge(pledge, actor=cast.olaf, text="Another text."),
        lambda: services.add_slot(pledge, cast.people["mei"], "witness", actor=cast.olaf),
        lambda: services.remove_slot(pledge.slots[0], actor=cast.olaf),
        lambda: services.check_wording(pledge, actor=cast.olaf),
        lambda: services.open_pledge(pledge, actor=cast.olaf),
    ):
        with pytest.raises(TextIsFrozen), unit_of_work():
            act()
    db.session.refresh(pledge)
    assert (pledge.text, pledge.content_hash, len(pledge.slots)) == before


def test_everybody_named_gets_a_personal_mail_whose_link_only_leads_to_the_page(event, cast: Cast) -> None:
    with unit_of_work():
        pledge = make_trio(event, cast, title="Clear Water")
    mails = db.session.scalars(select(MailMessage).order_by(MailMessage.to_name)).all()
    assert [(each.to_address, each.subject) for each in mails] == [
        ("li.wei@hufu.example", "You are asked to sign: Clear Water"),
        ("petra@hufu.example", "You are asked to sign: Clear Water"),
        ("tom@hufu.example", "You are asked to sign: Clear Water"),
    ]
    assert all(f"/events/{event.ref}/pledges/{pledge.ref}/sign" in each.text for each in mails)
    assert not any(each.holds_secret for each in mails)


def test_being_asked_to_sign_opens_a_restricted_event(cast: Cast) -> None:
    with unit_of_work():
        event = make_event(audience=Audience.RESTRICTED)
        make_open(event, {cast.people["xaver"]: "pledger"})
    part = db.session.scalar(select(Participation).where(Participation.event_id == event.id))
    assert (part.person, part.role) == (cast.people["xaver"], "guest")


def test_the_log_tells_of_every_step(event, cast: Cast) -> None:
    with unit_of_work():
        make_trio(event, cast)
    deeds = db.session.scalars(select(AuditEntry.action).where(AuditEntry.scope == event.ref).order_by(AuditEntry.seq))
    assert deeds.all() == ["pledge.drafted", *["pledge.signatory_named"] * 3, "pledge.frozen", "pledge.opened"]


def test_refusals_are_sentences() -> None:
    assert all(issubclass(each, Refused) for each in (NotReady, TextIsFrozen, HasARoleAlready, NotOfThisEvent))
