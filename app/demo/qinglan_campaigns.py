"""The campaigns of the fictional company, its ceremonies, pledges and awards."""

from datetime import date, datetime, timedelta
from typing import Any

from app.awards import services as awards
from app.campaigns import services as campaigns
from app.ceremonies import services as ceremonies
from app.ceremonies.models import Ceremony
from app.demo.dates import moment
from app.demo.qinglan_events import AHEAD, end_of_session, find_event
from app.demo.world import World, language, read
from app.people.models import Person, Team
from app.pledges import services as pledges
from app.pledges.models import Pledge, SlotRole

Told = dict[str, Any]

# Days before an event, or before today for one that lies ahead, at which it is prepared.
PREPARED = {"past": 20, "ahead": 22}
MEANS = "password"  # how people of the story proved who they were, as everybody does here
OPEN_NOW = timedelta(days=12)  # so long ago the pledges that still wait for signatures were opened


def tell(world: World) -> None:
    told = read("qinglan_campaigns")
    for each in told["campaigns"]:
        Battle(world, each).tell()
    for each in told["pledge_rounds"]:
        _tell_round(world, each)
    for each in read("qinglan_events")["events"]:
        _tell_ceremonies(world, each, told["pledge_rounds"])
    for each in told["pledges"]:
        Word(world, each, told["pledge_rounds"]).tell()
    for each in told["awards"]:
        _tell_award(world, each)
    for purpose in ("reviewed", "assessed"):
        for each in told[purpose]:
            at = end_of_session(world, each["session"])
            world.story.tell(at, lambda each=each, purpose=purpose: _note_session(world, each, purpose))


def prepared(world: World, event: str, step: int, clock_time: str = "09:00") -> datetime:
    """The `step`-th day of getting an event ready."""
    if event in AHEAD:
        day = world.calendar.today - timedelta(days=PREPARED["ahead"] - step)
    else:
        day = world.calendar.day(find_event(event)["starts"]) - timedelta(days=PREPARED["past"] - step)
    return moment(day, clock_time)


class Battle:
    """One campaign of the data file."""

    def __init__(self, world: World, told: Told) -> None:
        self.world = world
        self.told = told

    def tell(self) -> None:
        told, world = self.told, self.world
        thread = world.story.thread()
        thread.tell(prepared(world, told["event"], 1), self.add)
        if "charter" in told:
            thread.tell(prepared(world, told["event"], 2), self.draw)
        for each in told["assessments"]:
            at = end_of_session(world, each["session"], "15:00") if each["session"] else _days_ago(world, 6)
            thread.tell(at, lambda each=each: self.assess(each))
        if told["state"] in ("running", "in_review", "concluded") and told["assessments"]:
            thread.tell(moment(world.calendar.day(told["starts"]), "08:00"), self.start)
        for each in told.get("support", ()):
            Help(world, told, each).tell()
        for each in told["reviews"]:
            over = moment(world.calendar.day(told["ends"]) + timedelta(days=5), "10:00")
            at = end_of_session(world, each["session"], "15:30") if each["concluded"] else over
            thread.tell(at, lambda each=each: self.review(each))
        if told["outcome"]:
            thread.tell(end_of_session(world, told["reviews"][-1]["session"], "16:00"), self.conclude)

    @property
    def secretary(self) -> Any:
        return self.world.secretary(self.told["event"])

    def add(self) -> None:
        """A campaign that was fought before the first gathering is recorded as running."""
        told, world = self.told, self.world
        is_old = told["state"] == "concluded" and not told["assessments"]
        world.campaigns[told["key"]] = campaigns.add_campaign(
            world.events[told["event"]],
            actor=self.secretary,
            year=world.calendar.year(told["year"]) or 0,
            ordinal=told["ordinal"],
            of_total=told["of_total"],
            commander=world.people[told["commander"]],
            team=world.teams[told["team"]] if told["team"] else None,
            starts_on=world.calendar.day(told["starts"]),
            ends_on=world.calendar.day(told["ends"]),
            state="running" if is_old else "proposed",
            **world.both(told, "name", "objective"),
        )

    def draw(self) -> None:
        """What is measured, who stands in for the commander, the map and the risks."""
        told, world = self.told["charter"], self.world
        campaign = world.campaigns[self.told["key"]]
        campaigns.edit_campaign(
            campaign, actor=self.secretary, deputy=world.people[told["deputy"]], metric=world.text(told, "metric"),
            baseline=told["baseline"], target=told["target"],
        )  # fmt: skip
        for each in told["tasks"]:
            campaigns.add_task(
                campaign,
                actor=self.secretary,
                name=world.text(each, "name") or "",
                phase=world.text(each, "phase") if "phase" in each else None,
                deliverable=world.text(each, "deliverable"),
                department=world.departments[each["department"]],
                responsible=world.people[each["responsible"]] if each["responsible"] else None,
                due_on=world.calendar.day(each["due"]),
            )
        for each in told["risks"]:
            campaigns.add_risk(
                campaign,
                actor=self.secretary,
                name=world.text(each, "name") or "",
                response=world.text(each, "response"),
                owner=world.people[each["owner"]],
            )

    def assess(self, each: Told) -> None:
        campaigns.assess_campaign(
            self.world.campaigns[self.told["key"]],
            actor=self.secretary,
            assessor=self.world.people[each["assessor"]],
            session=self.world.sessions[each["session"]] if each["session"] else None,
            **{name: each[name] for name in campaigns.DIMENSIONS},
            **self.world.both(each, "verdict"),
        )

    def start(self) -> None:
        campaigns.start(self.world.campaigns[self.told["key"]], actor=self.secretary)

    def review(self, each: Told) -> None:
        review = campaigns.add_review(
            self.world.campaigns[self.told["key"]],
            actor=self.secretary,
            session=self.world.sessions[each["session"]],
            **self.world.both(each, "intended", "actual", "company_view"),
        )
        for finding in each["findings"]:
            words = self.world.both(finding, "text")
            campaigns.add_finding(
                review,
                actor=self.secretary,
                kind=finding["kind"],
                text=words["text"] or "",
                text_local=words["text_local"],
            )

    def conclude(self) -> None:
        campaigns.conclude(
            self.world.campaigns[self.told["key"]], actor=self.world.accounts["liwei"], outcome=self.told["outcome"]
        )


class Help:
    """One request for support: asked by the commander, answered and delivered by the head of the department."""

    def __init__(self, world: World, campaign: Told, told: Told) -> None:
        self.world, self.campaign, self.told = world, campaign, told

    def tell(self) -> None:
        told, thread = self.told, self.world.story.thread()
        thread.tell(self.on("asked", "09:30"), self.ask)
        if told["promised"]:
            thread.tell(self.on("asked", "16:00"), self.promise)
        if told["delivered"]:
            thread.tell(self.on("delivered", "11:00"), self.deliver)
            thread.tell(self.on("delivered", "15:00"), self.confirm)

    def on(self, name: str, clock_time: str) -> datetime:
        return moment(self.world.calendar.day(self.told[name]), clock_time)

    def ask(self) -> None:
        self.request = campaigns.ask_support(
            self.world.campaigns[self.campaign["key"]],
            actor=self.world.accounts[self.campaign["commander"]],
            to_department=self.world.departments[self.told["department"]],
            what=self.world.text(self.told, "what") or "",
            needed_by=self.world.calendar.day(self.told["needed"]),
        )

    def promise(self) -> None:
        campaigns.acknowledge(
            self.request, actor=self.head, committed_for=self.world.calendar.day(self.told["promised"])
        )

    def deliver(self) -> None:
        campaigns.deliver(self.request, actor=self.head)

    def confirm(self) -> None:
        campaigns.confirm_delivery(self.request, actor=self.world.accounts[self.campaign["commander"]])

    @property
    def head(self) -> Any:
        return self.world.accounts[self.told["head"]]


def _days_ago(world: World, days: int, clock_time: str = "10:00") -> datetime:
    return moment(world.calendar.day({"days": -days}), clock_time)


def _note_session(world: World, told: Told, purpose: str) -> None:
    for key in told["campaigns"]:
        campaigns.note_session(
            world.campaigns[key], world.sessions[told["session"]], purpose=purpose, actor=world.accounts["sara"]
        )


# --- rounds, ceremonies, awards -----------------------------------------------------------------------------------


def _tell_round(world: World, told: Told) -> None:
    def add() -> None:
        world.rounds[told["key"]] = pledges.add_round(
            world.events[told["event"]],
            actor=world.accounts["sara"],
            year=world.calendar.year(told["year"]) or 0,
            title=world.text(told, "title") or "",
            title_local=world.text(told, "title_zh"),
        )

    world.story.tell(prepared(world, told["event"], 2), add)


def _tell_ceremonies(world: World, event: Told, rounds: list[Told]) -> None:
    for told in event["ceremonies"]:
        held = next((each["key"] for each in rounds if each["ceremony"] == told["key"]), None)
        thread = world.story.thread()
        thread.tell(
            prepared(world, event["key"], 3), lambda told=told, held=held: _add_ceremony(world, event, told, held)
        )
        if told["account"]:
            thread.tell(end_of_session(world, told["session"]), lambda told=told: _give_account(world, told))


def _add_ceremony(world: World, event: Told, told: Told, held: str | None) -> None:
    world.ceremonies[told["key"]] = ceremonies.add_ceremony(
        world.events[event["key"]],
        actor=world.accounts["sara"],
        kind=told["kind"],
        title=world.text(told, "title") or "",
        title_local=world.text(told, "title_zh"),
        session=world.sessions[told["session"]],
        item=world.items[told["item"]],
        place_in_programme=told["place"],
        round=world.rounds[held] if held else None,
    )


def _give_account(world: World, told: Told) -> None:
    """What happened is told when it is over."""
    ceremony: Ceremony = world.ceremonies[told["key"]]
    ceremonies.edit_ceremony(
        ceremony,
        actor=world.accounts["sara"],
        session=ceremony.session,
        item=ceremony.item,
        round=ceremony.round,
        **world.both(told, "account", into={"account": "account_of"}),
    )


def _tell_award(world: World, told: Told) -> None:
    thread = world.story.thread()
    thread.tell(prepared(world, told["event"], 8), lambda: _add_award(world, told))
    if told["conferred"]:
        thread.tell(ceremony_begins(world, told["event"], told["ceremony"]), lambda: _confer(world, told))


def _add_award(world: World, told: Told) -> None:
    recipients: list[Person | Team] = [
        world.people[each["person"]] if "person" in each else world.teams[each["team"]] for each in told["recipients"]
    ]
    words = world.both(told, "title", "citation")
    world.awards[told["key"]] = awards.add_award(
        world.events[told["event"]],
        actor=world.accounts["sara"],
        kind=told["kind"],
        title=words.pop("title") or "",
        recipients_known=told["recipients_known"],
        recipients_count=told["recipients_count"],
        recipients=recipients,
        ceremony=world.ceremonies[told["ceremony"]],
        **words,
    )


def _confer(world: World, told: Told) -> None:
    on = ceremony_begins(world, told["event"], told["ceremony"]).date()
    awards.confer(world.awards[told["key"]], actor=world.accounts["sara"], on=on, by=world.people[told["conferred_by"]])


def ceremony_begins(world: World, event: str, ceremony: str) -> datetime:
    told = find_event(event)
    item = next(each["item"] for each in told["ceremonies"] if each["key"] == ceremony)
    slot = next(each for each in told["items"] if each["key"] == item)
    return moment(world.calendar.day(told["starts"]) + timedelta(days=slot["day"] - 1), slot["starts"])


# --- pledges ------------------------------------------------------------------------------------------------------


class Word:
    """One pledge of the data file. It is opened and signed by its own acts, so that its hash and document are real."""

    def __init__(self, world: World, told: Told, rounds: list[Told]) -> None:
        self.world = world
        self.told = told
        self.round = next(each for each in rounds if told["key"] in each["pledges"])

    def tell(self) -> None:
        told, world = self.told, self.world
        thread = world.story.thread()
        thread.tell(prepared(world, told["event"], 4), self.draft)
        if told["wording_checked"]:
            thread.tell(prepared(world, told["event"], 6), self.check_wording)
        if told["state"] == "draft":
            return
        is_open = told["state"] == "open"
        begins = ceremony_begins(world, self.round["event"], self.round["ceremony"])
        opened = moment(world.calendar.today - OPEN_NOW) if is_open else prepared(world, told["event"], 14)
        thread.tell(opened, self.open)
        for number, slot in enumerate(told["slots"]):
            if slot["signed"]:
                at = opened + timedelta(days=1 + number, hours=number % 5) if is_open else begins
                thread.tell(at, lambda slot=slot: self.sign(slot))
        if told["verdict"]:
            thread.tell(moment(world.calendar.day(told["assessed"]), "11:00"), self.assess)

    @property
    def pledge(self) -> Pledge:
        return self.world.pledges[self.told["key"]]

    def draft(self) -> None:
        told, world, actor = self.told, self.world, self.world.accounts["sara"]
        deadline: date | None = world.calendar.maybe_day(told["deadline"])
        pledge = world.pledges[told["key"]] = pledges.draft_pledge(
            world.events[told["event"]],
            actor=actor,
            title=world.text(told, "title") or "",
            text=world.text(told, "text"),
            language=language(told["language"]),
            targets=told["targets"],
            deadline=deadline,
            reward=world.text(told, "reward"),
            penalty=world.text(told, "penalty"),
            round=world.rounds[self.round["key"]],
            team=world.teams[told["team"]] if told["team"] else None,
            campaign=world.campaigns[told["campaign"]] if told["campaign"] else None,
        )
        for slot in told["slots"]:
            pledges.add_slot(pledge, world.people[slot["person"]], SlotRole(slot["role"]), actor=actor)

    def check_wording(self) -> None:
        pledges.check_wording(self.pledge, actor=self.world.accounts["sara"])

    def open(self) -> None:
        pledges.open_pledge(self.pledge, actor=self.world.accounts["sara"])

    def sign(self, told: Told) -> None:
        """By each person's own account, of the text whose fingerprint stands in the pledge."""
        slot = next(each for each in self.pledge.slots if each.person_id == self.world.people[told["person"]].id)
        pledges.sign(
            slot, actor=self.world.accounts[told["person"]], shown_hash=self.pledge.content_hash or "", means=MEANS
        )

    def assess(self) -> None:
        pledges.assess(
            self.pledge,
            actor=self.world.accounts[self.told["assessed_by"]],
            verdict=self.told["verdict"],
            score=self.told.get("score"),
            reason=self.world.text(self.told, "verdict_reason") or "",
            evidence=self.world.text(self.told, "evidence"),
        )
