"""Registration and attendance of the fictional company: the form, assistants, substitutes, approvals, mailings, doors."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.assistants import services as assistants
from app.attendance import services as attendance
from app.attendance.models import MarkStatus
from app.attendance.queries import list_spans
from app.audiences import meanings
from app.audiences import services as audiences
from app.audiences.models import PersonGroup
from app.demo.dates import moment
from app.demo.qinglan_events import find_event
from app.demo.world import World, read
from app.door import points
from app.events.models import Event
from app.invitations import reminders
from app.invitations import services as invitations
from app.mailings import queries as mailing_queries
from app.mailings import services as mailings
from app.questions import services as questions
from app.registration import services as registration
from app.registration.models import Answer, Approver, Invitation
from app.registration.queries import find_invitation, find_plan, standing_of
from app.substitutions import services as substitutions

Told = dict[str, Any]


def tell(world: World) -> None:
    Attending(world, read("qinglan_registration")).tell()


class Attending:
    """What the data file says, each act on its day. `ago` is days before today."""

    def __init__(self, world: World, told: Told) -> None:
        self.world = world
        self.told = told
        self.groups: dict[str, PersonGroup] = {}

    def tell(self) -> None:
        told = self.told
        self.at(told["form"]["ago"], "11:00", self.publish_form)
        for number, each in enumerate(told["form"]["answers"]):
            self.at(each["ago"], f"12:{number:02}", lambda each=each: self.answer(each))
        for each in told["groups"]:
            self.at(each["ago"], "15:00", lambda each=each: self.group(each))
        self.at(told["lines"]["ago"], "15:30", self.choose_invitees)
        self.at(told["reminders"]["ago"], "09:30", self.plan_reminders)
        for each in told["replies"]["maybe"]:
            self.at(each["ago"], "09:10", lambda each=each: self.reply_maybe(each))
        for each in told["replies"]["delegated"]:
            self.at(each["ago"], "17:40", lambda each=each: self.hand_on(each))
        for each in told["assistants"]:
            self.at(each["ago"], "08:40", lambda each=each: self.name_assistant(each))
        for each in told["substitutes"]:
            self.at(each["ago"], "16:20", lambda each=each: self.ask_substitute(each))
        self.at(told["approvals"]["ago"], "18:30", self.ask_for_approval)
        for each in told["approvals"]["asks"]:
            self.at(each["ago"], "07:00", lambda each=each: self.register(each["person"]))
        for each in told["points"]:
            self.at(each["ago"], "10:30", lambda each=each: self.open_point(each))
        for each in told["corrections"]:
            last = world_day(self.world, each["event"], each["day"]) + timedelta(days=each["after"])
            self.world.story.tell(moment(last, "10:20"), lambda each=each: self.correct(each))
        for each in told["mailings"]:
            self.at(each["ago"], "14:30", lambda each=each: self.write(each))

    def at(self, ago: int, clock_time: str, act: Callable[[], object]) -> None:
        self.world.story.tell(moment(self.world.calendar.today - timedelta(days=ago), clock_time), act)

    def event(self, told: Told) -> Event:
        return self.world.events[told["event"]]

    def organizer(self, told: Told) -> Any:
        return self.world.organizer(told["event"])

    # --- the form and its answers

    def publish_form(self) -> None:
        told = self.told["form"]
        event, actor = self.event(told), self.organizer(told)
        until = told["changes_until"]
        self.arrange(event, actor, changes_until=moment(event.starts_on + timedelta(days=until["day"]), until["time"]))
        questions.replace_schema(event, {"sections": told["sections"]}, actor=actor)
        questions.publish(event, actor=actor)

    def arrange(self, event: Event, actor: Any, **rules: Any) -> None:
        """Another rule of a plan; everything else stays."""
        plan = find_plan(event)
        if plan is None:
            raise LookupError(f"{event.title} has no registration")
        registration.arrange(
            event, actor=actor, version=None, is_open=plan.is_open, capacity=standing_of(event, None).capacity,
            closes_at=plan.closes_at, has_waiting_list=plan.has_waiting_list, invited_only=plan.invited_only, **rules,
        )  # fmt: skip

    def answer(self, each: Told) -> None:
        for key in each["people"]:
            mine = self.world.registrations[self.told["form"]["event"], key]
            questions.answer(mine, actor=self.organizer(self.told["form"]), values=each["values"])

    # --- whom to ask

    def group(self, told: Told) -> None:
        actor = self.world.accounts["olaf"]
        made = audiences.add_group(told["name"], actor=actor, name_local=told["name_local"], note=told["note"])
        audiences.add_members(made, [self.world.people[key] for key in told["people"]], actor=actor)
        self.groups[told["name"]] = made

    def choose_invitees(self) -> None:
        told = self.told["lines"]
        lines = [meanings.of_department(self.world.departments[key]) for key in told["departments"]]
        lines += [meanings.of_group(self.groups[name]) for name in told["groups"]]
        audiences.add_lines(self.event(told), lines, actor=self.organizer(told))

    def plan_reminders(self) -> None:
        told = self.told["reminders"]
        first, second, third = told["days"]
        reminders.set_plan(
            self.event(told), actor=self.organizer(told), version=None, first=first, second=second, third=third
        )

    # --- neither yes nor no

    def reply_maybe(self, told: Told) -> None:
        until = self.world.calendar.today + timedelta(days=told["days"])
        reply = invitations.Reply(Answer.MAYBE, reason=told["reason"], maybe_until=until)
        invitations.answer(self._invitation(told), reply, actor=self.world.accounts[told["person"]])

    def hand_on(self, told: Told) -> None:
        colleague, actor = self.world.people[told["to"]], self.world.accounts[told["person"]]
        invitations.delegate(self._invitation(told), colleague, actor=actor, reason=told["reason"])

    def _invitation(self, told: Told) -> Invitation:
        found = find_invitation(self.event(self.told["replies"]), self.world.people[told["person"]])
        if found is None:
            raise LookupError(f"{told['person']} was not invited")
        return found

    # --- in somebody's name, in somebody's place

    def name_assistant(self, told: Told) -> None:
        principal = self.world.people[told["principal"]]
        assistants.name_assistant(
            principal, self.world.people[told["assistant"]], actor=self.world.accounts[told["principal"]]
        )

    def ask_substitute(self, told: Told) -> None:
        mine = self.world.registrations[told["event"], told["from"]]
        substitutions.ask(
            mine, self.world.people[told["to"]], actor=self.world.accounts[told["from"]], reason=told["reason"]
        )

    # --- who must agree

    def ask_for_approval(self) -> None:
        told = self.told["approvals"]
        self.arrange(self.event(told), self.organizer(told), approver=Approver.MANAGER, approval_days=told["days"])

    def register(self, key: str) -> None:
        told = self.told["approvals"]
        self.world.registrations[told["event"], key] = registration.register_person(
            self.event(told), self.world.people[key], actor=self.world.accounts[key]
        )

    # --- the door and the record

    def open_point(self, told: Told) -> None:
        session = self.world.sessions[told["session"]] if "session" in told else None
        points.make_point(
            self.event(told), actor=self.organizer(told), kind=told["kind"], name=told["name"],
            name_local=told["name_local"], session=session, repeat=told.get("repeat", "once"),
            chosen_only=told.get("chosen_only", False),
        )  # fmt: skip

    def correct(self, told: Told) -> None:
        event = self.event(told)
        key = f"{world_day(self.world, told['event'], told['day']).isoformat()}/{told['half']}"
        span = next(each for each in list_spans(event) if each.key == key)
        attendance.correct(
            event, self.world.people[told["person"]], span, MarkStatus(told["status"]),
            actor=self.world.accounts["sara"], reason=told["reason"], minutes=told["minutes"],
        )  # fmt: skip

    # --- writing to many

    def write(self, told: Told) -> None:
        event, actor = self.event(told), self.organizer(told)
        made = mailings.write(
            event, actor=actor, standing=told["standing"],
            **{name: told[name] for name in ("subject", "subject_local", "text", "text_local")},
        )  # fmt: skip
        if told["sent"]:
            mailings.approve(made, actor=self.world.accounts["ada"], version=None)
            mailings.send(made, actor=actor, digest=mailing_queries.resolve(event, made.audience).digest)


def world_day(world: World, event: str, number: int) -> Any:
    """The so many-th day of an event of the data file."""
    return world.calendar.day(find_event(event)["starts"]) + timedelta(days=number - 1)
