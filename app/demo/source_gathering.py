"""The real gathering, as far as its release tells of it.

Every value that is told, inferred or left open carries a note, with the numbers of the facts that it holds. Nothing is
added about the company or its people; the summaries and names of rows are ours, and the wording is withheld.
"""

from datetime import date
from typing import Any

from app.awards import services as awards
from app.campaigns import services as campaigns
from app.campaigns.models import Campaign, CampaignState
from app.ceremonies import services as ceremonies
from app.ceremonies.models import Ceremony
from app.core.db import db
from app.core.roles import SYSTEM
from app.demo.world import World, language, read
from app.events import services as events
from app.events.models import Event
from app.people import services as people
from app.people.models import Organization, Person, Team
from app.pledges import services as pledges
from app.programme import services as programme
from app.programme.models import AgendaItem, Session
from app.provenance.models import Provenance, Source
from app.provenance.services import add_note, add_source
from app.publications import services as publications
from app.requirements import services as requirements
from app.requirements.models import Requirement
from app.speeches import services as speeches
from app.speeches.models import Passage, Speech

Told = dict[str, Any]


def tell(world: World) -> None:
    """Recorded when the system was set up, as a first example."""
    world.story.thread().tell(world.beginning, lambda: Gathering(read("source_gathering")).settle())


def value_of(told: Any) -> Any:
    """A value that is not simply stated stands in a frame with its provenance."""
    return told["value"] if isinstance(told, dict) and "provenance" in told and "value" in told else told


def day_of(told: Any) -> date | None:
    found = value_of(told)
    return date.fromisoformat(found) if found else None


def both(told: Told, name: str, ours: str | None = None) -> dict[str, Any]:
    """A text and its Chinese twin, under the names of our records."""
    ours = ours or name
    return {ours: value_of(told.get(name)), f"{ours}_local": value_of(told.get(f"{name}_zh"))}


def span_of(told: Told) -> dict[str, Any]:
    first, last = told.get("span") or (None, None)
    return {"span_start": first, "span_end": last}


def facts_by_place(told: Told) -> dict[str, str]:
    """`/event/city` → "F05": which facts each value of the file holds."""
    places: dict[str, list[str]] = {}
    for fact in told["facts"]:
        for place in fact["where"]:
            places.setdefault(place, []).append(fact["fact"])
    return {place: " ".join(facts) for place, facts in places.items()}


class Gathering:
    """Makes the records, part by part, and notes where each value comes from."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.facts = facts_by_place(told)
        self.source: Source
        self.event: Event
        self.organization: Organization
        self.people: dict[str, Person] = {}
        self.teams: dict[str, Team] = {}
        self.sessions: dict[str, Session] = {}
        self.items: dict[str, AgendaItem] = {}
        self.speeches: dict[str, Speech] = {}
        self.campaigns: dict[str, Campaign] = {}
        self.ceremonies: dict[str, Ceremony] = {}

    def settle(self) -> None:
        self.settle_source()
        self.settle_event()
        self.settle_people()
        self.settle_programme()
        self.settle_speeches()
        self.settle_campaigns()
        self.settle_ceremonies()
        self.settle_publication()
        db.session.flush()

    def note(self, record: Any, place: str, told: Told, *names: str | tuple[str, str]) -> None:
        """Note where values of a record come from; a pair says how a value of the file is called in the record.

        A stated value's span is the one named after it (`theme_span`), else that of the whole.
        """
        for name in names:
            theirs, ours = name if isinstance(name, tuple) else (name, name)
            found = told.get(theirs)
            framed = found if isinstance(found, dict) and "provenance" in found else {}
            provenance = framed.get("provenance", Provenance.STATED)
            span = told.get(f"{theirs}_span") or told.get("span")
            add_note(
                self.source,
                record,
                ours,
                provenance,
                scope=self.event.ref,
                basis=framed.get("basis"),
                basis_local=framed.get("basis_zh"),
                fact=self.facts.get(f"{place}/{theirs}"),
                span=(span[0], span[1]) if span and provenance == Provenance.STATED else None,
            )

    def leave_open(self, record: Any, *names: str) -> None:
        """Note values of which the release says nothing at all."""
        silent = {name: {**self.told["event"]["venue"]} for name in names}
        self.note(record, "", silent, *names)

    # --- source, event, people

    def settle_source(self) -> None:
        """Its text is not kept. Whether it is a translation is noted once there is an event to note it for."""
        told, release = self.told["source"], self.told["publications"][0]
        self.source = add_source(
            title=release["title"],
            publisher=self.told["organization"]["name"],
            released_on=day_of(told["released_on"]),
            language=told["language"],
            is_translation=value_of(told["is_translation"]),
            sha256=told["sha256"],
            length=told["characters"],
            remarks=self.remarks(),
        )

    def remarks(self) -> list[dict[str, str]]:
        """Facts that no record holds yet: remarks on the text, points of the requirements, words of the house."""
        told = self.told["source"]
        points = [
            point
            for speech in self.told["speeches"]
            for requirement in speech["requirements"]
            for point in requirement.get("points", [])
        ]
        found = [
            {"fact": each["fact"], "text": each["text"], "text_local": each["text_zh"]}
            for each in [*points, *told["notes"]]
        ]
        found += [
            {
                "fact": self.facts["/source/glossary"],
                "text": f"{each['term']}: {each['meaning']}",
                "text_local": f"{each['term_zh']}：{each['meaning_zh']}",
            }
            for each in told["glossary"]
        ]
        return sorted(found, key=lambda each: each["fact"])

    def settle_event(self) -> None:
        told = self.told["event"]
        self.organization = people.add_organization(name=self.told["organization"]["name"], actor=SYSTEM)
        self.event = events.create_event(
            actor=SYSTEM,
            starts_on=date.fromisoformat(value_of(told["starts_on"])),
            ends_on=date.fromisoformat(value_of(told["ends_on"])),
            time_zone=value_of(told["time_zone"]),
            audience=told["audience"],
            host=self.organization,
            source_id=self.source.id,
            **both(told, "title"),
            **both(told, "city"),
            **both(told, "summary", "description"),
        )
        events.publish_event(self.event, actor=SYSTEM)
        events.conclude_event(self.event, actor=SYSTEM)
        self.note(self.source, "/source", self.told["source"], "is_translation", "language")
        self.note(self.organization, "/organization", self.told["organization"], "name")
        self.note(
            self.event, "/event", told, "starts_on", "ends_on", "city", "venue", "time_zone", "status", "attendance_count",
        )  # fmt: skip

    def settle_people(self) -> None:
        for number, told in enumerate(self.told["people"]):
            self._settle_person(told, f"/people/{number}")
        for number, told in enumerate(self.told["groups"]):
            group = events.add_group(
                self.event, told["name"], actor=SYSTEM, category_local=told["name_zh"],
                headcount=value_of(told["headcount"]),
            )  # fmt: skip
            self.note(group, f"/groups/{number}", told, ("name", "category"), "headcount")
            if "campaigns" in told:
                self.note(group, f"/groups/{number}", told, "campaigns")
        for number, told in enumerate(self.told["teams"]):
            place = told["place"] or {}
            team = self.teams[told["key"]] = people.add_team(
                actor=SYSTEM, organization=self.organization, place=place.get("city"), **both(told, "name")
            )
            self.note(team, f"/teams/{number}", told, "name", ("name_zh", "name_local"))
            self.leave_open(team, "members")
            if place:
                self.note(team, f"/teams/{number}/place", {**place, "span": told["span"]}, ("city", "place"))

    def _settle_person(self, told: Told, place: str) -> None:
        """No account, no address: nothing is known of the person but the name and the office."""
        person = self.people[told["key"]] = people.add_person(
            actor=SYSTEM, name=told["name"], organization=self.organization
        )
        self.note(person, place, told, "name")
        for number, office in enumerate(told["positions"]):
            people.give_position(
                person, actor=SYSTEM, organization=self.organization, from_on=day_of(office["from"]),
                to_on=day_of(office["to"]), **both(office, "title"),
            )  # fmt: skip
            office = {**office, "span": told["span"]}
            self.note(
                person.positions[number], f"{place}/positions/{number}", office,
                "title", ("from", "from_on"), ("to", "to_on"),
            )  # fmt: skip
        part = events.add_part(self.event, person, told["participation"].replace(" ", "_"), actor=SYSTEM)
        self.note(part, place, told, ("participation", "role"))

    # --- programme

    def settle_programme(self) -> None:
        for number, told in enumerate(self.told["sessions"]):
            place = f"/sessions/{number}"
            session = self.sessions[told["key"]] = programme.add_session(
                self.event,
                actor=SYSTEM,
                kind=told["kind"],
                covers_year=told["covers_year"],
                day=day_of(told["day"]),
                **both(told, "name", "title"),
                **both(told, "theme"),
                **_purpose(told),
            )
            self.note(
                session, place, told, ("name", "title"), "kind", "covers_year", "theme", "day", "room",
                "starts_at", "chair", "purpose",
            )  # fmt: skip
            self.leave_open(session, "ends_at")
            if "reviewed_campaigns" in told:
                self.note(session, place, told, "reviewed_campaigns")
            self._settle_items(session, told, place)

    def _settle_items(self, session: Session, told: Told, place: str) -> None:
        for number, each in enumerate(told["items"]):
            about = told.get("review", {}) if each["kind"] == "review" else {}
            item = programme.add_item(
                self.event, actor=SYSTEM, session=session, kind=each["kind"], speakers=self._speaking(each),
                **both(each, "title"), **both(about, "subject", "summary"),
            )  # fmt: skip
            each = {**each, "position": told["items_order"], "span": told["span"]}
            self.note(item, f"{place}/items/{number}", each, "title", "position")
            self.leave_open(item, "starts_at", "ends_at", "room")
            if "subject" in about:
                self.note(item, f"{place}/review", {**about, "span": told["span"]}, ("subject", "summary"))
                self.note(item, f"{place}/review", about, "contents")
            if each["kind"] == "deployment":
                self.note(item, f"{place}/work_emphases", told["work_emphases"], ("items", "contents"), "count")
            for role in ("speech", "ceremony"):
                if role in each:
                    self.items[each[role]] = item

    def _speaking(self, each: Told) -> list[Person | Team]:
        if each["kind"] == "statement":
            return list(self.teams.values())
        if "speech" not in each:
            return []
        return [self.people[told["speaker"]] for told in self.told["speeches"] if told["key"] == each["speech"]]

    # --- what was said

    def settle_speeches(self) -> None:
        for number, told in enumerate(self.told["speeches"]):
            self._settle_speech(told, f"/speeches/{number}")
        for number, told in enumerate(self.told["statements"]):
            place = f"/statements/{number}"
            session = self.told_session(value_of(told["occasion"]))
            statement = speeches.add_statement(
                self.event, actor=SYSTEM, team=self.teams[told["team"]], session=self.sessions[session["key"]],
                **both(session, "name", "occasion"), **both(told, "summary"), **span_of(told),
            )  # fmt: skip
            self.note(statement, place, told, "team", "summary", "occasion")
            self.note(statement, place, {"session": told["occasion"]}, "session")
            self.leave_open(statement, "speaker")

    def told_session(self, key: str) -> Told:
        return next(each for each in self.told["sessions"] if each["key"] == key)

    def _settle_speech(self, told: Told, place: str) -> None:
        speech = self.speeches[told["key"]] = speeches.add_speech(
            self.event,
            actor=SYSTEM,
            session=self.sessions[told["session"]],
            item=self.items[told["key"]],
            speaker=self.people[told["speaker"]],
            language=language(self.told["source"]["language"]),
            announced_count=told["announced_requirement_count"],
            announced_words=told["announced_count_word"],
            **both(told, "label", "title"),
            **both(told, "audience"),
        )
        self.note(
            speech, place, told, "title", ("started_at", "held_at"), "ended_at", "full_text", "audience",
            ("announced_requirement_count", "announced_count"), ("announced_count_word", "announced_words"),
            ("position_at_time", "position_title"),
        )  # fmt: skip
        if "scope" in told:
            self.note(speech, place, told, "scope")
        passages: dict[int, Passage] = {}
        for number, each in enumerate(told["passages"]):
            passage = speeches.add_passage(
                speech, actor=SYSTEM, kind=each["kind"], **both(each, "summary"), **span_of(each)
            )
            self.note(passage, f"{place}/passages/{number}", each, "kind", "summary")
            passages[each["requirement"]] = passage
        for number, each in enumerate(told["requirements"]):
            self._settle_requirement(speech, passages[each["number"]], each, f"{place}/requirements/{number}")

    def _settle_requirement(self, speech: Speech, passage: Passage, told: Told, place: str) -> None:
        heading = both(told, "label" if "label" in told else "heading", "heading")
        requirement = requirements.add_requirement(
            speech,
            actor=SYSTEM,
            passage=passage,
            number=told["number"],
            kind=told["kind"],
            second_kind=told.get("second_kind"),
            topics=told["topics"],
            addressees=[_to(each) for each in told["addressees"] if each["group"]],
            **heading,
            **both(told, "summary"),
            **span_of(told),
        )
        self.note(requirement, place, told, "heading", "summary", "topics")
        named = [each for each in told["addressees"] if each["group"]]
        for number, (addressee, each) in enumerate(zip(requirement.addressees, named, strict=True)):
            each = {**each, "span": told["span"]}
            self.note(addressee, f"{place}/addressees/{number}", each, ("group", "words"))
        if not named:
            open_end = {"value": None, "provenance": "unknown", **_basis(told["addressees"][0])}
            self.note(requirement, place, {"addressees": open_end}, "addressees")
        self._settle_children(requirement, told, place)

    def _settle_children(self, parent: Requirement, told: Told, place: str) -> None:
        for number, each in enumerate(told.get("children", [])):
            child = requirements.add_requirement(
                parent.speech, actor=SYSTEM, parent=parent, kind=told["kind"], sub=each["label"].lstrip("0123456789"),
                **both(each, "heading"), **span_of(told),
            )  # fmt: skip
            self.note(child, f"{place}/children/{number}", {**each, "span": told["span"]}, "heading")
        if "children" in told:
            self.note(parent, place, told, "children")

    # --- campaigns, ceremonies, release

    def settle_campaigns(self) -> None:
        for number, told in enumerate(self.told["campaigns"]):
            place = f"/campaigns/{number}"
            team = value_of(told["team"])
            campaign = self.campaigns[told["key"]] = campaigns.add_campaign(
                self.event,
                actor=SYSTEM,
                year=told["year"],
                ordinal=told["ordinal"],
                of_total=told["of"],
                team=self.teams[team] if team else None,
                state=CampaignState.RUNNING if told["review"] else CampaignState.PROPOSED,
            )
            self.note(campaign, place, told, "name", "commander", "team", "objective", "outcome")
            self.leave_open(campaign, "starts_on", "ends_on")
            if told["review"]:
                self._settle_review(campaign, told, place)
            if told["assessment"]:
                self._settle_assessment(campaign, told, place)

    def _settle_review(self, campaign: Campaign, told: Told, place: str) -> None:
        """That it was reviewed is told; that it is not closed here follows from the missing outcome."""
        review = campaigns.add_review(campaign, actor=SYSTEM, session=self.sessions[told["review"]["session"]])
        self.note(review, place, told, ("review", "kind"))
        self.note(review, f"{place}/review", told["review"], "causes_of_failure", "experiences_of_success")
        self.leave_open(review, "intended", "actual", "company_view")
        self.note(campaign, place, {"state": {**told["outcome"], "provenance": "inferred"}}, "state")

    def _settle_assessment(self, campaign: Campaign, told: Told, place: str) -> None:
        assessment = campaigns.assess_campaign(
            campaign, actor=SYSTEM, assessor=None, session=self.sessions[told["assessment"]["session"]]
        )
        self.note(assessment, place, told, ("assessment", "kind"))
        self.note(assessment, f"{place}/assessment", told["assessment"], "verdict")
        self.leave_open(assessment, "assessor", *campaigns.DIMENSIONS)

    def settle_ceremonies(self) -> None:
        rounds = {}
        for number, told in enumerate(self.told["pledges"]):
            round_ = rounds[told["ceremony"]] = pledges.add_round(
                self.event, actor=SYSTEM, year=told["year"], **both(told, "title")
            )
            pledge = pledges.draft_pledge(self.event, actor=SYSTEM, title=told["title"], round=round_)
            self.note(pledge, f"/pledges/{number}", told, "title", "text", "targets", "deadline", "signatories")
            self.leave_open(pledge, "reward", "penalty", "team", "campaign")
        for number, told in enumerate(self.told["ceremonies"]):
            ceremony = self.ceremonies[told["key"]] = ceremonies.add_ceremony(
                self.event,
                actor=SYSTEM,
                kind=told["kind"],
                session=self.sessions[value_of(told["session"])],
                item=self.items[told["key"]],
                place_in_programme=told["position"],
                round=rounds.get(told["key"]),
                **both(told, "title"),
            )
            place = f"/ceremonies/{number}"
            self.note(ceremony, place, told, "kind", "title", "session", ("position", "place_in_programme"))
        for number, told in enumerate(self.told["awards"]):
            self._settle_award(told, f"/awards/{number}")

    def _settle_award(self, told: Told, place: str) -> None:
        """That it was given is told; the day is inferred, and to whom is not stated."""
        award = awards.add_award(
            self.event,
            actor=SYSTEM,
            kind=told["kind"],
            recipients_known=told["recipients_kind"],
            ceremony=self.ceremonies[told["ceremony"]],
            **both(told, "title"),
        )
        day = day_of(told["conferred_on"])
        if told["conferred"] and day is not None:
            awards.confer(award, actor=SYSTEM, on=day)
        self.note(award, place, told, "title", "citation", "recipients", "conferred_on")
        self.leave_open(award, "conferred_by")

    def settle_publication(self) -> None:
        for number, told in enumerate(self.told["publications"]):
            place = f"/publications/{number}"
            release = publications.draft_release(
                self.event, actor=SYSTEM, released_on=day_of(told["released_on"]), body=told["body"],
                is_public=told["audience"] == "public", **both(told, "title"), **both(told, "summary"),
            )  # fmt: skip
            for order, each in enumerate(told["closing"]):
                closing = publications.add_closing(
                    release, actor=SYSTEM, span=(each["span"][0], each["span"][1]), **both(each, "summary")
                )
                self.note(closing, f"{place}/closing/{order}", each, "summary")
            publications.publish_release(release, actor=SYSTEM)
            self.note(release, place, told, "title", "released_on", "released_at")


def _purpose(told: Told) -> dict[str, Any]:
    """What the session was for: the titles of the items that are neither speech nor ceremony."""
    meant = [each for each in told["items"] if each["kind"] in ("review", "deployment")]
    return {
        "purpose": "; ".join(each["title"] for each in meant),
        "purpose_local": "；".join(each["title_zh"] for each in meant),
    }


def _to(told: Told) -> requirements.To:
    return requirements.To(told["group"], told["group_zh"])


def _basis(told: Told) -> Told:
    return {"basis": told["note"], "basis_zh": told["note_zh"]}
