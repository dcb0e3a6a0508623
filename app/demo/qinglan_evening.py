"""The evening of the next gathering: templates of pledges, tallies, who is proposed for an award, the run of show."""

from datetime import datetime, timedelta
from typing import Any

from app.awards import services as awards
from app.custody import queries as custody
from app.custody.models import TALLY_HALF
from app.demo.dates import moment
from app.demo.qinglan_campaigns import ceremony_begins, prepared
from app.demo.qinglan_events import find_event
from app.demo.world import World, read
from app.nominations import services as nominations
from app.nominations.models import Category, Nomination
from app.pledges.models import PledgeState
from app.pledges.services import templates
from app.shows import blocks
from app.shows import services as shows
from app.shows.models import CueKind, Show
from app.stage import marks, reveals
from app.stage import services as evening
from app.stage.models import MarkKind
from app.tallies import services as tallies
from app.workflows import confirm_custody

Told = dict[str, Any]

CUES_OF_A_TALLY = 8


def tell(world: World) -> None:
    told = read("qinglan_evening")
    for each in told["templates"]:
        world.story.tell(prepared(world, "annual-2", 1, "11:00"), lambda each=each: _add_template(world, each))
    lent = {each["key"]: Lent(world, each) for each in told["tallies"]}
    for each in lent.values():
        each.tell()
    judged = {each["key"]: Judged(world, each) for each in told["categories"]}
    for each in judged.values():
        each.tell()
    Evening(world, told["show"], lent, judged).tell()


def days_ago(world: World, days: int, clock_time: str) -> datetime:
    return moment(world.calendar.day({"days": -days}), clock_time)


def _add_template(world: World, told: Told) -> None:
    clauses = [
        {name.replace("_zh", "_local"): world.calendar.text(words) or "" for name, words in each.items()}
        for each in told["clauses"]
    ]
    words = world.both(told, "name", "reward", "penalty")
    templates.add_template(actor=world.accounts["sara"], clauses=clauses, roles=told["roles"], **words)


class Lent:
    """One tally: cast while the gathering is prepared, conferred on its stage, held by both."""

    def __init__(self, world: World, told: Told) -> None:
        self.world, self.told = world, told

    def tell(self) -> None:
        told, thread = self.told, self.world.story.thread()
        thread.tell(prepared(self.world, told["event"], 11), self.cast)
        if not told["show"]:
            return
        begins = ceremony_begins(self.world, told["event"], told["ceremony"])
        thread.tell(prepared(self.world, told["event"], 13), lambda: self.plan(begins))
        thread.tell(begins, self.begin)
        for number in range(CUES_OF_A_TALLY):
            thread.tell(begins + timedelta(minutes=2 * number + 1), lambda number=number: self.call(number))
        thread.tell(begins + timedelta(minutes=2 * CUES_OF_A_TALLY), self.end)
        for number, name in enumerate((told["holder"], told["leader"]), 1):
            thread.tell(begins + timedelta(minutes=20 + number), lambda name=name: self.confirm(name))

    def cast(self) -> None:
        told, world = self.told, self.world
        campaign = world.campaigns[told["campaign"]]
        begins = world.events[told["event"]].starts_on
        words = world.both(told, "inscription", "scope")
        self.tally = tallies.cast(
            campaign, actor=world.accounts["sara"], inscription=words.pop("inscription") or "",
            scope=words.pop("scope") or "", valid_from=begins, valid_to=begins + timedelta(days=told["valid_days"]),
            threshold=world.text(told, "threshold"),
            ceremony=world.ceremonies[told["ceremony"]] if told["ceremony"] else None, **words,
        )  # fmt: skip

    def plan(self, begins: datetime) -> None:
        actor = self.world.accounts["olaf"]
        words = self.world.both(self.told, "show", into={"show": "title"})
        self.show = shows.add_show(
            self.tally.event, actor=actor, title=words.pop("title") or "", starts_at=begins, **words
        )
        blocks.add_tally_block(self.show, actor=actor, tally=self.tally)
        shows.publish(self.show, actor=actor)

    def begin(self) -> None:
        self.stage = evening.begin(self.show, actor=self.world.accounts["olaf"])

    def call(self, number: int) -> None:
        cue, actor = self.show.cues[number], self.world.accounts["olaf"]
        marks.mark(self.stage, cue, actor=actor, entry=f"demo-{cue.number}", kind=MarkKind.CALLED)
        if cue.kind == CueKind.CONFERRAL:
            reveals.confer_tally(self.stage, cue, actor=self.world.accounts["sara"])

    def end(self) -> None:
        last, actor = self.show.cues[-1], self.world.accounts["olaf"]
        marks.mark(self.stage, last, actor=actor, entry=f"demo-{last.number}-done", kind=MarkKind.DONE)
        evening.end(self.stage, actor=actor)

    def confirm(self, name: str) -> None:
        for half in self.tally.halves:
            record = custody.find_open(TALLY_HALF, half.ref)
            if record is not None and self.world.people[name] in (record.giver, record.taker):
                confirm_custody.confirm(record, actor=self.world.accounts[name])


class Judged:
    """One category: proposals, the jury, and the winner whom nobody learns of before the evening."""

    def __init__(self, world: World, told: Told) -> None:
        self.world, self.told = world, told
        self.proposed: dict[str, Nomination] = {}

    @property
    def sara(self) -> Any:
        return self.world.accounts["sara"]

    def tell(self) -> None:
        told, thread = self.told, self.world.story.thread()
        opens = world_day(self.world, told["opens"], "09:00")
        thread.tell(opens, self.add)
        for number, each in enumerate(told["nominations"], 1):
            thread.tell(opens + timedelta(days=2 * number, hours=2), lambda each=each: self.propose(each))
        if told["winner"] is None:
            return
        thread.tell(days_ago(self.world, 4, "10:00"), self.sift)
        for number, name in enumerate(told["jurors"]):
            thread.tell(days_ago(self.world, 3, f"{10 + number}:30"), lambda name=name: self.score(name))
        thread.tell(days_ago(self.world, 2, "16:00"), self.decide)

    def add(self) -> None:
        told, world = self.told, self.world
        words = world.both(told, "title", "criteria", "eligibility")
        self.category: Category = nominations.add_category(
            world.events[told["event"]], actor=self.sara, title=words.pop("title") or "", nominee=told["nominee"],
            quorum=told["quorum"], opens_on=world.calendar.day(told["opens"]), closes_on=world.calendar.day(told["closes"]),
            **words,
        )  # fmt: skip
        for name in told["jurors"]:
            nominations.add_juror(self.category, world.people[name], actor=self.sara)

    def propose(self, told: Told) -> None:
        world = self.world
        name = told.get("person") or told["team"]
        nominee = world.people[name] if "person" in told else world.teams[name]
        actor = world.accounts[told["by"]]
        made = self.proposed[name] = nominations.propose(
            self.category, nominee, actor=actor, reason=world.text(told, "reason") or ""
        )
        nominations.add_evidence(made, actor=actor, words=world.text(told, "evidence") or "")
        nominations.submit(made, actor=actor)

    def sift(self) -> None:
        for each in self.proposed.values():
            nominations.find_eligible(each, actor=self.sara, eligible=True)
            nominations.shortlist(each, actor=self.sara)

    def score(self, name: str) -> None:
        for told in self.told["nominations"]:
            nominations.score(
                self.proposed[told["person"]], actor=self.world.accounts[name], score=told["scores"][name]
            )

    def decide(self) -> None:
        told, world = self.told, self.world
        made = awards.decide(self.category, [self.proposed[told["winner"]]], actor=self.sara)
        self.award = awards.edit_award(
            made[0], actor=self.sara, ceremony=world.ceremonies[told["ceremony"]], **world.both(told, "citation")
        )


def world_day(world: World, told: Told, clock_time: str) -> datetime:
    return moment(world.calendar.day(told), clock_time)


class Evening:
    """The table of cues, given out three times."""

    def __init__(self, world: World, told: Told, lent: dict[str, Lent], judged: dict[str, Judged]) -> None:
        self.world, self.told, self.lent, self.judged = world, told, lent, judged

    @property
    def actor(self) -> Any:
        return self.world.accounts["olaf"]

    def tell(self) -> None:
        thread = self.world.story.thread()
        first, second, third = self.told["versions"]
        thread.tell(days_ago(self.world, -first["days"], "13:00"), self.begin)
        thread.tell(days_ago(self.world, -first["days"], "17:00"), lambda: self.publish(first))
        thread.tell(days_ago(self.world, -second["days"], "13:00"), self.go_on)
        thread.tell(days_ago(self.world, -second["days"], "17:00"), lambda: self.publish(second))
        thread.tell(days_ago(self.world, 1, "13:00"), self.finish)
        thread.tell(days_ago(self.world, 1, "17:00"), lambda: self.publish(third))

    def begin(self) -> None:
        told, world = self.told, self.world
        item = next(each for each in find_event(told["event"])["items"] if each["key"] == told["item"])
        day = world.calendar.day(find_event(told["event"])["starts"]) + timedelta(days=item["day"] - 1)
        starts = moment(day, item["starts"]) - timedelta(minutes=told["before"])
        words = world.both(told, "title")
        self.show: Show = shows.add_show(
            world.events[told["event"]], actor=self.actor, title=words.pop("title") or "", starts_at=starts,
            ends_at=starts + timedelta(minutes=told["minutes"]), session=world.sessions[told["session"]], **words,
        )  # fmt: skip
        for each in told["first"]:
            self.add(each, block=1)
        open_now = [
            each for each in world.pledges.values()
            if each.round is world.rounds[told["round"]] and each.state == PledgeState.OPEN
        ]  # fmt: skip
        blocks.add_signing_block(self.show, actor=self.actor, pledges=open_now)

    def go_on(self) -> None:
        self.add(self.told["oath"], block=max(each.block for each in self.show.cues) + 1)
        blocks.add_tally_block(self.show, actor=self.actor, tally=self.lent[self.told["tally"]].tally)
        for cue in [each for each in self.show.cues if each.pronunciation is None and each.slot is not None][:6]:
            shows.rehearse(cue, actor=self.actor)

    def finish(self) -> None:
        blocks.add_award_block(
            self.show, actor=self.world.accounts["sara"], award=self.judged[self.told["award"]].award
        )
        last = max(each.block for each in self.show.cues) + 1
        for each in self.told["last"]:
            self.add(each, block=last)

    def add(self, told: Told, block: int) -> None:
        world = self.world
        words = world.both(told, "title", "script")
        shows.add_cue(
            self.show, actor=self.actor, block=block, kind=told["kind"], minutes=told["minutes"],
            title=words.pop("title") or "", owner=world.people[told["owner"]],
            sound=told["sound"], light=told["light"], screen=told["screen"], props=told["props"], **words,
        )  # fmt: skip

    def publish(self, told: Told) -> None:
        shows.publish(self.show, actor=self.actor, note=told["note"])
