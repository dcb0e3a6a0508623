"""What was said at the fictional company, and the statements of its teams."""

from typing import Any

from app.demo.qinglan_events import end_of_session
from app.demo.world import World, language, read
from app.people.models import Team
from app.programme import services as programme
from app.programme.models import AgendaItem
from app.requirements import services as requirements
from app.speeches import services as speeches
from app.speeches.models import DEMANDS, Passage, PassageKind

Told = dict[str, Any]

TRACKED = "19:30"  # on the day of the session; what is handed over comes later
REVIEWED = ("e1-liwei/5",)  # a principle that was looked at again when its year was over


def tell(world: World) -> None:
    for told in read("qinglan_speeches")["speeches"]:
        Address(world, told).tell()
    for each in read("qinglan_campaigns")["statements"]:
        world.story.tell(end_of_session(world, each["session"]), lambda each=each: _record_statement(world, each))
    for key in REVIEWED:
        world.story.tell(end_of_session(world, "e2-operation", "10:30"), lambda key=key: _review(world, key))


class Address:
    """One speech of the data file."""

    def __init__(self, world: World, told: Told) -> None:
        self.world = world
        self.told = told

    def tell(self) -> None:
        told, thread = self.told, self.world.story.thread()
        for clock_time, act in (("18:00", self.record), ("19:00", self.confirm), (TRACKED, self.set_tracking)):
            thread.tell(end_of_session(self.world, told["session"], clock_time), act)

    @property
    def secretary(self) -> Any:
        return self.world.secretary(self.told["event"])

    @property
    def item(self) -> AgendaItem:
        """The slot in which this speaker spoke in this session."""
        session, speaker = self.world.sessions[self.told["session"]], self.world.people[self.told["speaker"]]
        return next(
            item
            for item in self.world.items.values()
            if item.session_id == session.id and item.kind == "speech" and item.speakers[0].person_id == speaker.id
        )

    def record(self) -> None:
        world, told = self.world, self.told
        item = self.item
        world.speeches[told["key"]] = speech = speeches.add_speech(
            world.events[told["event"]],
            actor=self.secretary,
            session=world.sessions[told["session"]],
            speaker=world.people[told["speaker"]],
            item=item,
            language=language(told["language"]),
            announced_count=told["announced_requirement_count"],
            **world.both(told, "title", "audience"),
        )
        for kind, paragraph, demands in paragraphs(told):
            passage = speeches.add_passage(
                speech, actor=self.secretary, kind=kind, verbatim=world.calendar.text(paragraph)
            )
            for demand in demands:
                self._require(passage, demand)
        programme.change_item(item, actor=world.organizer(told["event"]), version=None, **world.both(told, "summary"))

    def _require(self, passage: Passage, told: Told) -> None:
        key = f"{self.told['key']}/{told['number']}"
        self.world.requirements[key] = requirements.add_requirement(
            passage.speech,
            actor=self.secretary,
            passage=passage,
            kind=told["kind"],
            number=told["number"],
            topics=told["topics"],
            addressees=[self._to(each) for each in told["addressees"]],
            verbatim=self.world.text(told, "verbatim"),
            **self.world.both(told, "heading", "summary"),
        )

    def _to(self, told: Told) -> requirements.To:
        if "department" in told:
            department = self.world.departments[told["department"]]
            return requirements.To(department.name, department.name_local, department)
        return requirements.To(told["group"], told["group_zh"])

    def confirm(self) -> None:
        """By the speaker, who knows what was said."""
        requirements.confirm_speech(
            self.world.speeches[self.told["key"]], actor=self.world.accounts[self.told["speaker"]]
        )

    def set_tracking(self) -> None:
        actor = self.world.supervisor(self.told["event"])
        for told in self.told["requirements"]:
            key = f"{self.told['key']}/{told['number']}"
            if told["tracking"] is None:
                continue
            if told["tracking"] == "assigned":
                self._resolve(key, actor)
            requirements.set_tracking(self.world.requirements[key], told["tracking"], actor=actor)

    def _resolve(self, key: str, actor: Any) -> None:
        """Groups that are no department: the one whose person carries the requirement stands for them."""
        carries = next(each for each in read("qinglan_assignments")["assignments"] if each["requirement"] == key)
        for addressee in self.world.requirements[key].addressees:
            if not addressee.is_resolved:
                requirements.resolve_addressee(addressee, self.world.departments[carries["department"]], actor=actor)


def paragraphs(told: Told) -> list[tuple[str, str, list[Told]]]:
    """The whole text, paragraph by paragraph, each with its kind and the requirements that it holds.

    The kind is that of the strongest passage marked in it: a demand before an appeal before plain telling.
    """
    by_number = {each["number"]: each for each in told["requirements"]}
    found = []
    for paragraph in told["text"].split("\n\n"):
        marked = [each for each in told["passages"] if each["verbatim"] in paragraph]
        kinds = [each["kind"] for each in marked]
        demands = [by_number[each["requirement"]] for each in marked if each["requirement"]]
        kind = next((each for each in kinds if each in DEMANDS), None)
        if kind is None:
            kind = PassageKind.EXHORTATION if PassageKind.EXHORTATION in kinds else PassageKind.CONTEXT
        found.append((str(kind), paragraph, demands))
    return found


def _record_statement(world: World, told: Told) -> None:
    team: Team = world.teams[told["team"]]
    speeches.add_statement(
        world.events[told["event"]],
        actor=world.secretary(told["event"]),
        team=team,
        session=world.sessions[told["session"]],
        speaker=world.people[told["speaker"]] if told["speaker"] else None,
        verbatim=world.text(told, "verbatim"),
        **world.both(told, "occasion", "summary"),
    )


def _review(world: World, key: str) -> None:
    requirement = world.requirements[key]
    requirements.record_review(requirement, actor=world.accounts["sven"], on=world.events["annual-2"].starts_on)
