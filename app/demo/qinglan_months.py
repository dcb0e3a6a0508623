"""The monthly meetings of the fictional company: what was decided, and their minutes in both languages."""

from datetime import timedelta
from typing import Any

from app.decisions import services as decisions
from app.decisions.models import Decision
from app.demo.dates import moment
from app.demo.qinglan_events import Gathering
from app.demo.world import World, language, read
from app.minutes import services as minutes
from app.people import services as people
from app.people.models import Clearance

Told = dict[str, Any]

BEGINS, ENDS = "09:00", "11:00"
A_DAY = timedelta(days=1)
LANGUAGES = ("en", "zh")


CLEARED = ("shenlan", "xuwanqing", "chenyu", "wuzhen")  # who reads restricted sections too


def tell(world: World) -> None:
    world.story.tell(world.beginning + A_DAY, lambda: _clear(world))
    for each in read("qinglan_months")["months"]:
        Month(world, each).tell()


def _clear(world: World) -> None:
    for key in CLEARED:
        people.set_clearance(world.people[key], Clearance.RESTRICTED, actor=world.accounts["ada"])


class Month:
    """One meeting of the data file."""

    def __init__(self, world: World, told: Told) -> None:
        self.world = world
        self.told = told
        self.day = world.calendar.day(told["starts"])
        self.decisions: list[Decision] = []

    def tell(self) -> None:
        Gathering(self.world, self._gathering(), [], []).tell()
        thread = self.world.story.thread()
        thread.tell(moment(self.day, "10:45"), self.decide)
        thread.tell(moment(self.day, "14:00"), self.draft)
        thread.tell(moment(self.day + A_DAY, "10:00"), self.approve)
        thread.tell(moment(self.day + A_DAY, "15:00"), self.publish)
        for number, key in enumerate(self.told["present"]):
            if number % 3 != 2:
                at = moment(self.day + (2 + number) * A_DAY, "08:30")
                thread.tell(at, lambda key=key: self.acknowledge(key))

    def _gathering(self) -> Told:
        told, key = self.told, self.told["key"]
        hall = {"key": "lotus", "name": "Lotus Room", "name_zh": "莲厅", "seats": 40}
        session = {
            "title": told["theme"], "title_zh": told["theme_zh"], "chair": told["chair"],
            "key": f"{key}-main", "kind": "review", "covers_year": None, "room": "lotus", "day": 1, "starts": BEGINS,
            "ends": ENDS, "capacity": None,
        }  # fmt: skip
        return {
            **{name: told[name] for name in ("title", "title_zh", "starts", "key")},
            "kind": "monthly_review", "audience": "internal", "status": "concluded", "previous": None, "days": 1,
            "city": "Jiaxing", "city_zh": "嘉兴", "venue": "Head office", "venue_zh": "公司总部",
            "rooms": [hall], "sessions": [session], "items": self._items(), "registration": None,
        }  # fmt: skip

    def _items(self) -> list[Told]:
        key = self.told["key"]
        common = {"session": f"{key}-main", "kind": "review", "day": 1, "room": "lotus"}
        return [{**each, **common, "key": f"{key}-{number}"} for number, each in enumerate(self.told["items"], 1)]

    @property
    def session(self) -> Any:
        return self.world.sessions[f"{self.told['key']}-main"]

    def decide(self) -> None:
        for each in self.told["decisions"]:
            votes = each["votes"] or (None, None, None)
            made = decisions.record_decision(
                self.session,
                actor=self.world.accounts["sara"],
                text=each["text"],
                text_local=each["text_zh"],
                mover=self.world.people[each["mover"]],
                means=each["means"],
                is_carried=each["carried"],
                votes_for=votes[0],
                votes_against=votes[1],
                abstained=votes[2],
                clearance=Clearance.RESTRICTED if each["restricted"] else Clearance.INTERNAL,
            )
            self.decisions.append(made)

    def draft(self) -> None:
        for code in LANGUAGES:
            self.world.minutes[self._key(code)] = made = minutes.draft_minutes(
                self.session,
                actor=self.world.accounts["sara"],
                language=language(code),
                title=self.told["minutes_title_zh" if code == "zh" else "minutes_title"],
                text=self._text(code),
                attendance={
                    "present": self._names(self.told["present"], code),
                    "excused": self._names(self.told["excused"], code),
                    "in_attendance": self._names(["sara"], code),
                },
                recorder=self.world.people["sara"],
            )
            for number in self.told["restricted"]:
                section = made.newest.sections[number]
                minutes.write_section(
                    section, actor=self.world.accounts["sara"], source=section.source, clearance=Clearance.RESTRICTED
                )
            minutes.send_to_review(made, actor=self.world.accounts["sara"])

    def _key(self, code: str) -> str:
        return f"m-{self.told['key']}-{code}"

    def _text(self, code: str) -> str:
        """The words of the file, with the marks of the agenda and of each decision where the file puts them."""
        items = [self.world.items[f"{self.told['key']}-{number}"] for number, _told in enumerate(self.told["items"], 1)]
        agenda = "\n".join(f"- {{{{item {each.ref}}}}}" for each in items)
        text = self.told["text"][code].replace("{items}", agenda)
        for number, each in enumerate(self.decisions, 1):
            text = text.replace(f"{{decision:{number}}}", f"{{{{decision {each.ref}}}}}")
        return text

    def _names(self, keys: list[str], code: str) -> list[str]:
        people = [self.world.people[key] for key in keys]
        return [each.name_local or each.name if code == "zh" else each.name for each in people]

    def approve(self) -> None:
        for code in LANGUAGES:
            minutes.approve(self.world.minutes[self._key(code)], actor=self.world.accounts["liwei"])

    def publish(self) -> None:
        readers = [
            self.world.people[key] for key in dict.fromkeys([*self.told["present"], *self.told["excused"], "rita"])
        ]
        for code in LANGUAGES:
            made = self.world.minutes[self._key(code)]
            minutes.publish(made, actor=self.world.accounts["sara"], participants=False, people=readers)

    def acknowledge(self, key: str) -> None:
        """Each reads in their own language."""
        code = "zh" if self.world.people[key].language.startswith("zh") else "en"
        minutes.acknowledge(self.world.minutes[self._key(code)], actor=self.world.accounts[key])
