"""The minutes of the fictional company, who has read them, and its releases."""

from datetime import date, timedelta
from typing import Any

from app.demo.dates import moment
from app.demo.qinglan_events import end_of_session
from app.demo.world import World, language, read
from app.minutes import checks
from app.minutes import services as minutes
from app.minutes.models import Minutes
from app.publications import services as publications

Told = dict[str, Any]

COMMENTS_HERE = ("sven", "sara", "liwei", "olaf")  # who may comment; others tell the secretary
A_DAY = timedelta(days=1)
LATER = "It is handed over in the weeks after the session; who answers for it stands in the register."


def tell(world: World) -> None:
    told = read("qinglan_minutes")
    for each in told["minutes"]:
        Record(world, each).tell()
    for each in told["publications"]:
        _tell_release(world, each)


class Record:
    """The minutes of one session in the data file."""

    def __init__(self, world: World, told: Told) -> None:
        self.world = world
        self.told = told
        self.thread = world.story.thread()

    def tell(self) -> None:
        told, day = self.told, self.world.calendar.day
        drafted = end_of_session(self.world, told["session"]) + timedelta(hours=1)
        self.thread.tell(drafted, self.draft)
        self.thread.tell(drafted + timedelta(hours=2), self.send_to_review)
        for number, each in enumerate(told["comments"]):
            at = drafted + (number + 1) * A_DAY
            self.thread.tell(at, lambda each=each: self.comment(each))
        if told["approved"]:
            self.thread.tell(moment(day(told["approved"]), "10:00"), self.approve)
        if told["published"]:
            self.thread.tell(moment(day(told["published"]), "11:00"), self.publish)
        read_by = sorted(told["acknowledgements"], key=lambda each: (each["version"], day(each["on"])))
        self._tell_reading([each for each in read_by if each["version"] == 1])
        for version in told["versions"][1:]:
            mine = [each for each in read_by if each["version"] == version["number"]]
            self._tell_version(version, min(day(each["on"]) for each in mine))
            self._tell_reading(mine)

    def _tell_reading(self, acknowledgements: list[Told]) -> None:
        for each in acknowledgements:
            at = moment(self.world.calendar.day(each["on"]), "13:00")
            self.thread.tell(at, lambda each=each: self.acknowledge(each))

    def _tell_version(self, version: Told, first_read: date) -> None:
        """A new version goes the whole way again, and is in force two days before the first has read it."""
        steps = (
            (5, lambda: self.amend(version)),
            (4, self.send_to_review),
            (3, self.approve),
            (2, self.publish_again),
        )
        for days, act in steps:
            self.thread.tell(moment(first_read - days * A_DAY, "09:00"), act)

    @property
    def minutes(self) -> Minutes:
        return self.world.minutes[self.told["key"]]

    @property
    def secretary(self) -> Any:
        return self.world.secretary(self.told["event"])

    def draft(self) -> None:
        told, world = self.told, self.world
        world.minutes[told["key"]] = minutes.draft_minutes(
            world.sessions[told["session"]],
            actor=self.secretary,
            language=language(told["language"]),
            title=world.text(told, "title"),
            text=world.text(told["versions"][0], "text"),
            attendance={name: self._names(keys) for name, keys in told["attendance"].items()},
            recorder=world.people[told["recorder"]],
        )

    def _names(self, keys: list[str]) -> list[str]:
        people = [self.world.people[key] for key in keys]
        return [each.name_local or each.name if self.told["language"] == "zh" else each.name for each in people]

    def send_to_review(self) -> None:
        minutes.send_to_review(self.minutes, actor=self.secretary)

    def comment(self, told: Told) -> None:
        """Who holds no role here asks the secretary, who writes it down under their name."""
        by, text = told["by"], self.world.text(told, "text") or ""
        if by in COMMENTS_HERE:
            said = minutes.comment(self.minutes, actor=self.world.accounts[by], text=text)
        else:
            name = self.world.people[by].name
            said = minutes.comment(self.minutes, actor=self.secretary, text=f"{name}: {text}")
        if told["resolved"]:
            minutes.resolve(said, actor=self.secretary)

    def approve(self) -> None:
        """What nobody answered for yet on the evening of the session is no obstacle, and the reason stays."""
        found = checks.findings(self.minutes.newest)
        keys = [each.key for each in found if each.check == "without_person"]
        if keys:
            minutes.let_stand(self.minutes, actor=self.world.accounts["liwei"], keys=keys, reason=LATER)
        minutes.approve(self.minutes, actor=self.world.accounts["liwei"])

    def publish(self) -> None:
        readers = [self.world.people[key] for key in self.told["distribution"]]
        minutes.publish(self.minutes, actor=self.secretary, participants=False, people=readers)

    def publish_again(self) -> None:
        minutes.publish(self.minutes, actor=self.secretary, participants=False)

    def acknowledge(self, told: Told) -> None:
        minutes.acknowledge(self.minutes, actor=self.world.accounts[told["person"]])

    def amend(self, version: Told) -> None:
        minutes.amend(
            self.minutes,
            actor=self.secretary,
            change_note=self.world.text(version, "change_note") or "",
            editorial=version["editorial"],
        )
        minutes.write(self.minutes, actor=self.secretary, text=self.world.text(version, "text") or "")


def _tell_release(world: World, told: Told) -> None:
    released = world.calendar.maybe_day(told["released"])
    thread = world.story.thread()
    drafted = released - A_DAY if released else world.calendar.day({"days": -6})
    thread.tell(moment(drafted, "15:00"), lambda: _draft(world, told, released))
    if released is None:
        return
    thread.tell(moment(released, "10:00"), lambda: _publish(world, told))
    if told["state"] == "withdrawn":
        thread.tell(moment(released + 2 * A_DAY, "16:00"), lambda: _withdraw(world, told))


def _draft(world: World, told: Told, released: date | None) -> None:
    words = world.both(told, "title", "body")
    world.releases[told["key"]] = publications.draft_release(
        world.events[told["event"]],
        actor=world.accounts["olaf"],
        title=words.pop("title") or "",
        released_on=released,
        is_public=told["public"],
        **words,
    )


def _publish(world: World, told: Told) -> None:
    publications.publish_release(world.releases[told["key"]], actor=world.accounts["olaf"])


def _withdraw(world: World, told: Told) -> None:
    reason = world.text(told, "withdrawn_reason") or ""
    publications.withdraw_release(world.releases[told["key"]], actor=world.accounts["olaf"], reason=reason)
