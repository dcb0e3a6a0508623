"""Reads the case file of clashes: plans in short notation, and what is to be found in them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.programme.clashes import Around, Clash, Named, Place, Slot, Stop, Window

FILE = Path(__file__).with_name("cases.json")
ANSWERS = {"": "accepted", "?": "named", "??": "asked", "!": "declined"}


@dataclass(frozen=True)
class Case:
    about: str
    name: str
    raw: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.about}: {self.name}"

    @property
    def expected(self) -> list[str]:
        return sorted(self.raw["expected"])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.raw.get("zone", "Asia/Shanghai"))

    @property
    def day(self) -> date:
        return date.fromisoformat(self.raw.get("day", "2027-01-14"))

    def moment(self, words: str) -> datetime:
        number, _, clock = words.rpartition("/")
        day = self.day + timedelta(days=int(number or 1) - 1)
        wall = datetime.combine(day, time.fromisoformat(clock.rstrip("*")), self.zone)
        return wall.replace(fold=int(clock.endswith("*"))).astimezone(UTC)

    def in_words(self, moment: datetime) -> str:
        wall = moment.astimezone(self.zone)
        number = (wall.date() - self.day).days + 1
        return (f"{number}/" if number != 1 else "") + f"{wall:%H:%M}" + "*" * wall.fold

    @property
    def slots(self) -> list[Slot]:
        return [slot for slot, elsewhere in self._slots() if not elsewhere]

    @property
    def around(self) -> Around:
        raw = self.raw
        bounds = {}
        if "days" in raw:
            bounds = {"opens_at": self.moment("00:00"), "closes_at": self.moment(f"{raw['days'] + 1}/00:00")}
        if "travel" in raw:
            bounds["travel"] = timedelta(minutes=raw["travel"])
        missing: dict[str, list[Named]] = {}
        for words in raw.get("missing", []):
            key, what = words.split(maxsplit=1)
            missing.setdefault(key, []).append(Named(what, what.capitalize()))
        return Around(
            zone=self.zone,
            elsewhere=[slot for slot, elsewhere in self._slots() if elsewhere],
            windows=[self._window(words) for words in raw.get("windows", [])],
            stops=[self._stop(words) for words in raw.get("stops", [])],
            rooms=[self._place(key) for key in raw.get("rooms", {})],
            missing=missing,
            unconfirmed=raw.get("unconfirmed", ()),
            crowd=raw.get("crowd"),
            **bounds,
        )

    def _slots(self) -> Iterator[tuple[Slot, bool]]:
        for words in self.raw["slots"]:
            key, when, *tokens = words.split()
            starts, _, ends = when.partition("-")
            values: dict[str, Any] = {"people": (), "needed": (), "answers": ()}
            for token in tokens:
                self._add(values, token, key)
            elsewhere = values.get("elsewhere", False)
            yield (
                Slot(
                    key=key,
                    title=key.upper(),
                    starts_at=self.moment(starts),
                    ends_at=self.moment(ends) if ends else None,
                    **values,
                ),
                elsewhere,
            )

    def _add(self, values: dict[str, Any], token: str, key: str) -> None:
        if token == "break":
            values["pause"] = True
        elif token == "elsewhere":
            values["elsewhere"] = True
        elif token == "session":
            values |= {"frame": True, "group": key}
        elif token.startswith("in:"):
            values["group"] = token[3:]
        elif token.startswith("@"):
            values["room"] = self._place(token[1:])
        elif token.startswith("#"):
            values["track"] = named(token[1:])
        elif token.startswith("+"):
            values["needed"] += (named(token[1:]),)
        elif token[0] == "x" and token[1:].isdecimal():
            values["expected"] = int(token[1:])
        else:
            who = named(token.strip("&?!"))
            values["people"] += (who,)
            values["answers"] += (ANSWERS[token.lstrip("&")[len(who.key) :]],)

    def _place(self, key: str) -> Place:
        seats, _, building = self.raw.get("rooms", {}).get(key, "-").partition(" ")
        return Place(key, key.capitalize(), None if seats == "-" else int(seats), building or None)

    def _window(self, words: str) -> Window:
        who, kind, when, *note = words.split(maxsplit=3)
        starts, _, ends = when.partition("-")
        return Window(
            who=named(who.lstrip("@")),
            starts_at=self.moment(starts),
            ends_at=self.moment(ends),
            is_free=kind == "free",
            note=note[0] if note else None,
        )

    def _stop(self, words: str) -> Stop:
        who, at, reason = words.split(maxsplit=2)
        midnight = datetime.combine(self.moment(at).astimezone(self.zone).date() + timedelta(days=1), time(), self.zone)
        return Stop(
            at=self.moment(at),
            until=midnight.astimezone(UTC),
            reason=reason,
            who=None if who == "*" else named(who),
        )

    def told(self, clash: Clash) -> str:
        second = clash.second.key if clash.second else "-"
        who = clash.who.key if clash.who else "-"
        when = f"{self.in_words(clash.starts_at)}-{self.in_words(clash.ends_at)}"
        return f"{clash.level} {clash.code} {clash.first.key} {second} {who} {when}"


def named(key: str) -> Named:
    return Named(key, key.capitalize())


@cache
def all_cases() -> list[Case]:
    return [Case(raw["about"], raw["name"], raw) for raw in json.loads(FILE.read_text())["cases"]]
