"""Who carries which requirement, and how it went."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from app.demo.dates import moment
from app.demo.qinglan_events import end_of_session
from app.demo.qinglan_promises import first_hands
from app.demo.qinglan_speeches import TRACKED
from app.demo.world import World, read
from app.requirements import services as requirements
from app.requirements.models import Assignment

Told = dict[str, Any]

BEFOREHAND = timedelta(days=14)  # an assignment is prepared that long before it is handed over


def tell(world: World) -> None:
    """All assignments; the first of a requirement on its own day, so that the requirement never stands empty."""
    assignments = read("qinglan_assignments")["assignments"]
    firsts: dict[str, date] = {}
    for told in assignments:
        day = _handed_over(world, told)
        firsts[told["requirement"]] = min(day, firsts.get(told["requirement"], day))
    for told in assignments:
        Commission(world, told).tell(
            prepared_on=max(firsts[told["requirement"]], _handed_over(world, told) - BEFOREHAND)
        )


def _handed_over(world: World, told: Told) -> date:
    """What was never handed over was thought of yesterday."""
    first = first_hands(told["key"])
    if first:
        return world.calendar.day(first["handed_over"])
    return world.calendar.day(told["handed_over"]) if told["handed_over"] else world.calendar.day({"days": -1})


class Commission:
    """One assignment of the data file."""

    def __init__(self, world: World, told: Told) -> None:
        self.world = world
        self.told = told
        self.first = first_hands(told["key"])
        speech = told["requirement"].split("/")[0]
        self.speech: Told = next(each for each in read("qinglan_speeches")["speeches"] if each["key"] == speech)

    def tell(self, prepared_on: date) -> None:
        told, day = self.told, self.world.calendar.day
        thread = self.world.story.thread(after=end_of_session(self.world, self.speech["session"], TRACKED))
        thread.tell(moment(prepared_on, "09:00"), self.propose)
        if self.first:
            thread.tell(moment(day(self.first["handed_over"]), "10:00"), self.hand_over)
            thread.tell(moment(day(self.first["accepted"]), "11:00"), self.accept_first)
            thread.tell(moment(day(told["handed_over"]), "10:00"), self.transfer)
        elif told["handed_over"]:
            thread.tell(moment(day(told["handed_over"]), "10:00"), self.hand_over)
        if told["accepted"]:
            thread.tell(moment(day(told["accepted"]), "11:00"), self.accept)
        if told["state"] == "declined":
            thread.tell(moment(day(told["handed_over"]) + timedelta(days=4), "15:00"), self.hand_back)
        for at, act in sorted(self._work(), key=lambda step: step[0]):
            thread.tell(at, act)
        if told["closed"]:
            thread.tell(moment(day(told["closed"]), "17:00"), self.close)
        if told["state"] == "cancelled":
            thread.tell(moment(day(told["due"]) - timedelta(days=2), "14:00"), self.cancel)

    def _work(self) -> list[tuple[Any, Any]]:
        """Reports, evidence and verdicts; evidence is submitted when a verdict follows or is waited for."""
        told, day = self.told, self.world.calendar.day
        steps: list[tuple[Any, Any]] = []
        for each in told["reports"]:
            steps.append((moment(day(each["on"]), "12:00"), lambda each=each: self.report(each)))
        for number, each in enumerate(told["evidence"]):
            at = moment(day(each["on"]), "13:00") + timedelta(minutes=number)
            steps.append((at, lambda each=each: self.prove(each)))
        shown = [moment(day(each["on"]), "13:30") for each in told["evidence"]]
        judged = [moment(day(each["on"]), "16:00") for each in told["verdicts"]]
        for number, each in enumerate(told["verdicts"]):
            begins = judged[number - 1] if number else shown[0]
            steps.append((max(at for at in shown if begins <= at <= judged[number]), self.submit))
            steps.append((judged[number], lambda each=each: self.judge(each)))
        if told["state"] == "submitted":
            steps.append((shown[-1], self.submit))
        return steps

    @property
    def assignment(self) -> Assignment:
        return self.world.assignments[self.told["key"]]

    @property
    def supervisor(self) -> Any:
        return self.world.supervisor(self.speech["event"])

    @property
    def responsible(self) -> Any:
        return self.world.accounts[self.told["responsible"]]

    def propose(self) -> None:
        told, world = self.told, self.world
        world.assignments[told["key"]] = requirements.propose_assignment(
            world.requirements[told["requirement"]],
            actor=self.supervisor,
            responsible=world.people[self.first["from"] if self.first else told["responsible"]],
            verifier=world.people[told["verifier"]],
            deliverable=world.text(told, "deliverable") or "",
            criteria="\n".join(world.calendar.text(each) or "" for each in told["criteria"]),
            due_on=world.calendar.day(told["due"]),
            department=world.departments[told["department"]],
        )

    def hand_over(self) -> None:
        requirements.hand_over(self.assignment, actor=self.supervisor)

    def accept(self) -> None:
        requirements.accept(self.assignment, actor=self.responsible)

    def accept_first(self) -> None:
        assert self.first is not None
        requirements.accept(self.assignment, actor=self.world.accounts[self.first["from"]])

    def transfer(self) -> None:
        assert self.first is not None
        requirements.transfer(
            self.assignment, actor=self.supervisor, to=self.world.people[self.told["responsible"]],
            reason=self.world.text(self.first, "reason"),
        )  # fmt: skip

    def hand_back(self) -> None:
        requirements.hand_back(
            self.assignment, actor=self.responsible, reason=self.world.text(self.told, "decline_reason")
        )

    def report(self, each: Told) -> None:
        requirements.report(
            self.assignment,
            actor=self.responsible,
            text=self.world.text(each, "text") or "",
            confidence=each["confidence"],
            blocked_by=self.world.text(each, "blocked_by"),
        )

    def prove(self, each: Told) -> None:
        described_as = self.world.text(each, "described_as") or ""
        if "file" in each:
            requirements.add_file(
                self.assignment,
                actor=self.responsible,
                stream=BytesIO(each["file"]["text"].encode()),
                name=each["file"]["name"],
                described_as=described_as,
            )
        else:
            requirements.add_link(self.assignment, actor=self.responsible, url=each["url"], described_as=described_as)

    def submit(self) -> None:
        requirements.submit(self.assignment, actor=self.responsible)

    def judge(self, each: Told) -> None:
        act = requirements.verify if each["accepted"] else requirements.send_back
        act(self.assignment, actor=self.world.accounts[each["by"]], reason=self.world.text(each, "reason"))

    def close(self) -> None:
        requirements.close_assignment(
            self.assignment,
            actor=self.supervisor,
            note=self.world.text(self.told, "closing_note"),
            quality=self.told.get("quality", "good"),
        )

    def cancel(self) -> None:
        """By the President: it had been accepted."""
        requirements.cancel_assignment(
            self.assignment, actor=self.world.accounts["liwei"], reason=self.world.text(self.told, "cancel_reason")
        )
