"""How the programmes of the fictional company came about: who was asked to speak, what they owe, what was released."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from app.demo.dates import moment
from app.demo.qinglan_events import find_event
from app.demo.world import World, read
from app.programme import services as programme
from app.programme.models import AgendaItem, AgendaSpeaker
from app.releases import services as releases
from app.speakers import services as speakers
from app.speakers.models import Deliverable
from app.speakers.queries import list_deliverables

Told = dict[str, Any]
PAGE = "0 0 842 595"  # A4 lying on its side, in points


def tell(world: World) -> None:
    for told in read("qinglan_programme")["programmes"]:
        Planning(world, told).tell()


class Planning:
    """The programme of one event of the data file, after it was drafted."""

    def __init__(self, world: World, told: Told) -> None:
        self.world = world
        self.told = told
        self.key: str = told["event"]
        self.first = world.calendar.day(find_event(self.key)["starts"])

    def tell(self) -> None:
        told, asked = self.told, self.told["asked"]
        self.at(asked["ago"], "10:00", self.ask)
        self._tell_answers()
        for each in told.get("stops", []):
            self.at(each["ago"], "14:00", lambda each=each: self.stop(each))
        for each in told.get("room_windows", []):
            self.at(each["ago"], "14:10", lambda each=each: self.open_room(each))
        for each in told.get("absences", []):
            self.at(each["ago"], "12:20", lambda each=each: self.tell_absence(each))
        if "expected" in told:
            self.at(told["expected"]["ago"], "09:40", self.expect)
        for each in told.get("profiles", []):
            self.at(each["ago"], "16:30", lambda each=each: self.describe(each))
        for each in told.get("brought_in", []):
            self.at(each["ago"], "17:10", lambda each=each: self.bring_in(each))
            self.at(each["judged_ago"], "10:50", lambda each=each: self.judge(each))
        if "release" in told:
            self.at(told["release"]["ago"], "15:00", self.release)
        for each in told.get("joined", []):
            self.at(each["ago"], "11:15", lambda each=each: self.join(each))
            self.at(each["answered_ago"], "09:30", lambda each=each: self.answer(each["person"], each["item"], each))
        for each in told.get("moved", []):
            self.at(each["ago"], "15:45", lambda each=each: self.move(each))

    def at(self, ago: int, clock_time: str, act: Any) -> None:
        self.world.story.tell(moment(self.world.calendar.today - timedelta(days=ago), clock_time), act)

    def time(self, day: int, clock_time: str) -> datetime:
        return moment(self.first + timedelta(days=day - 1), clock_time)

    @property
    def organizer(self) -> Any:
        return self.world.organizer(self.key)

    @property
    def event(self) -> Any:
        return self.world.events[self.key]

    # --- speakers

    def ask(self) -> None:
        speakers.ask(self.event, actor=self.organizer, message=self.told["asked"]["message"])

    def _tell_answers(self) -> None:
        """Most say yes within some days; the file names the others, and who has said something with it."""
        told, asked = self.told, self.told["asked"]["ago"]
        named = {(each["person"], each["item"]): each for each in told.get("answers", [])}
        parts = [(key, item["key"]) for item in find_event(self.key)["items"] for key in item["speakers"]]
        for number, (person, item) in enumerate(parts):
            each = named.get((person, item), {"says": "yes"})
            if each["says"] is None:
                continue
            ago = each.get("ago", asked - 1 - number % told["answered_within"])
            self.at(ago, f"{8 + number % 9:02}:{number * 7 % 60:02}", self._answering(person, item, each))

    def _answering(self, person: str, item: str, each: Told) -> Any:
        return lambda: self.answer(person, item, each)

    def answer(self, person: str, item: str, each: Told) -> None:
        """Everybody for themselves; the auditor writes nothing and has told the organizer."""
        actor = self.organizer if person == "aude" else self.world.accounts[person]
        speakers.answer(self.part(person, item), actor=actor, says_yes=each.get("says") != "no", note=each.get("note"))

    def part(self, person: str, item: str) -> AgendaSpeaker:
        found = self.world.people[person]
        return next(each for each in self.world.items[item].speakers if each.person_id == found.id)

    def describe(self, each: Told) -> None:
        speakers.change_profile(
            self.event,
            self.world.people[each["person"]],
            actor=self.world.accounts[each["person"]],
            version=None,
            **self.world.both(each, "bio"),
        )

    def tell_absence(self, each: Told) -> None:
        speakers.tell_absence(
            self.event,
            self.world.people[each["person"]],
            actor=self.world.accounts[each["person"]],
            starts_at=self.time(each["day"], each["from"]),
            ends_at=self.time(each["day"], each["to"]),
            note=each["note"],
        )

    # --- what they owe

    def expect(self) -> None:
        told = self.told["expected"]
        speakers.expect_of_all(
            self.event, actor=self.organizer, item_kind=told["of"], kind=told["kind"], days_before=told["days_before"]
        )

    def owed(self, each: Told) -> Deliverable:
        person, item = self.world.people[each["person"]], self.world.items[each["item"]]
        return next(
            owed for owed in list_deliverables(self.event) if owed.person_id == person.id and owed.item_id == item.id
        )

    def bring_in(self, each: Told) -> None:
        speakers.bring_in(
            self.owed(each),
            actor=self.world.accounts[each["person"]],
            stream=BytesIO(slides(each["pages"])),
            name=each["name"],
            note=each["note"],
        )

    def judge(self, each: Told) -> None:
        speakers.judge(
            self.owed(each),
            actor=self.world.accounts[each["by"]],
            version=None,
            accepts=each["accepted"],
            words=each["words"],
        )

    # --- the plan

    def stop(self, each: Told) -> None:
        programme.add_stop(
            self.event,
            actor=self.organizer,
            at=self.time(each["day"], each["at"]),
            person=self.world.people[each["person"]],
            **self.world.both(each, "reason"),
        )

    def open_room(self, each: Told) -> None:
        programme.add_window(
            self.event,
            actor=self.organizer,
            who=self.world.rooms[self.key, each["room"]],
            starts_at=self.time(each["day"], each["from"]),
            ends_at=self.time(each["day"], each["to"]),
            is_free=True,
            note=each["note"],
        )

    def release(self) -> None:
        told = self.told["release"]
        releases.release(self.event, actor=self.organizer, name=told["name"], message=told["message"])

    def join(self, each: Told) -> None:
        """Somebody more speaks in an item, and is asked at once."""
        item: AgendaItem = self.world.items[each["item"]]
        before = [part.person or part.team for part in item.speakers]
        together = [*(who for who in before if who), self.world.people[each["person"]]]
        programme.change_item(item, actor=self.organizer, version=None, speakers=together)
        speakers.ask(self.event, actor=self.organizer, part=self.part(each["person"], each["item"]))

    def move(self, each: Told) -> None:
        item: AgendaItem = self.world.items[each["item"]]
        programme.move_item(
            item, actor=self.organizer, version=None, starts_at=self.time(each["day"], each["starts"]), room=item.room
        )


def slides(pages: list[list[str]]) -> bytes:
    """A small PDF, a page for each list of lines, the first of them large. Latin letters only; the same bytes each time.

    Written by hand: a typesetter would take a quarter of a second for each.
    """
    first = 4  # objects: the catalogue, the pages, the font, then two for each page
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{first + 2 * n} 0 R' for n in range(len(pages)))}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        text = _drawn(lines)
        parts += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{PAGE}] /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {first + 2 * number + 1} 0 R >>",
            f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        ]
    written = "%PDF-1.4\n"
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(parts) + 1
    written += f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>\n"
    written += f"startxref\n{written.index('xref')}\n%%EOF\n"
    return written.encode("latin-1")


def _drawn(lines: list[str]) -> str:
    heading, *rest = (line.translate({ord(sign): f"\\{sign}" for sign in "()\\"}) for line in lines)
    below = "".join(f" 0 -48 Td ({line}) Tj" for line in rest)
    return f"BT /F1 36 Tf 70 440 Td ({heading}) Tj /F1 22 Tf 0 -24 Td{below} ET"
