"""Templates: an outline with a name, as JSON of a published form (schema.json, draft 2020-12). Some come with Hufu."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

from app.core.i18n import _, in_language
from app.core.text import one_line, tidy
from app.editions.errors import BadTemplate
from app.editions.outline import Outline, slim, unknown_placeholders

HERE = Path(__file__).parent
SCHEMA = 1  # the form that is written, and the only one that is read
MOST_BYTES = 512 * 1024
MOST_PROBLEMS = 20
LONG = ("description", "summary", "purpose", "about")


@dataclass(frozen=True)
class Template:
    """One that was checked. `key` is the address of one that comes with Hufu, and empty otherwise."""

    document: dict[str, Any]

    @property
    def key(self) -> str:
        return self.document.get("key", "")

    @property
    def edition(self) -> int:
        return self.document["edition"]

    @property
    def name(self) -> dict[str, str]:
        return self.document["name"]

    @property
    def outline(self) -> Outline:
        return self.document["event"]

    @property
    def display_name(self) -> str:
        return in_language(self.name.get("zh"), self.name.get("en"))

    @property
    def display_about(self) -> str:
        about = self.document.get("about", {})
        return in_language(about.get("zh"), about.get("en"))

    @property
    def items(self) -> list[dict[str, Any]]:
        """All items, those of the day itself first."""
        sessions = self.outline.get("sessions", [])
        return [*self.outline.get("items", []), *(each for one in sessions for each in one.get("items", []))]

    @property
    def origin(self) -> str:
        return f"template:{self.key or self.name.get('en') or self.name['zh']}@{self.edition}"


def as_document(
    outline: Outline, *, name: str, name_local: str | None = None, about: str | None = None
) -> dict[str, Any]:
    """An outline as a template of the form that is written today."""
    return slim(
        {
            "schema": SCHEMA,
            "edition": 1,
            "name": slim({"en": name, "zh": name_local}),
            "about": slim({"en": about}),
            "event": outline,
        }
    )


def written(document: Mapping[str, Any]) -> bytes:
    """The file of a template."""
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


@cache
def shipped() -> dict[str, Template]:
    """Those that come with Hufu, by key."""
    found = [check(json.loads(path.read_text("utf-8"))) for path in sorted((HERE / "templates").glob("*.json"))]
    return {each.key: each for each in found}


def read(data: bytes) -> Template:
    """A template out of a file from outside. Raises BadTemplate with what is wrong where."""
    if len(data) > MOST_BYTES:
        raise BadTemplate(_("This file is larger than 512 KB: it is no template."))
    try:
        content = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadTemplate(_("This is no template: the text is not in JSON.")) from error
    return check(content)


def _no_number(words: str) -> float:
    raise ValueError(words)


def check(content: Any) -> Template:
    """Whether the content is a template of the form that we read, and whole in itself."""
    if not isinstance(content, dict) or "schema" not in content:
        raise BadTemplate(_("This is no template: it does not say in which form it is written."))
    given = content["schema"]
    if given != SCHEMA or isinstance(given, bool):
        raise BadTemplate(
            _(
                "This template is written in form %(given)s. This version of Hufu reads form %(ours)s: export it again "
                "with the version that you use here.",
                given=str(given)[:20],
                ours=SCHEMA,
            )
        )
    content = _tidied(content)
    problems = _against_schema(content) or list(_against_sense(content["event"]))
    if problems:
        raise BadTemplate(_("This template cannot be read. Nothing was kept."), problems[:MOST_PROBLEMS])
    return Template(content)


def _tidied(value: Any, name: str = "") -> Any:
    """Texts from outside as a form would keep them."""
    if isinstance(value, dict):
        long = name in LONG
        return {one_line(str(key)): _tidied(each, name if long else str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_tidied(each, name) for each in value]
    if isinstance(value, str):
        return tidy(value).strip() if name in LONG else one_line(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


# --- the form -----------------------------------------------------------------------------------------------------


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    schema = json.loads((HERE / "schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _against_schema(content: Any) -> list[str]:
    found = sorted(_validator().iter_errors(content), key=lambda error: [str(each) for each in error.absolute_path])
    return [_sentence(error) for error in found[:MOST_PROBLEMS]]


def _sentence(error: Any) -> str:
    where = "/".join(str(each + 1 if isinstance(each, int) else each) for each in error.absolute_path) or "/"
    given, wanted, words = error.instance, error.validator_value, {"where": where}
    match error.validator:
        case "required":
            missing = next((each for each in wanted if each not in given), "")
            return _("%(where)s: “%(name)s” is missing.", name=missing, **words)
        case "dependentRequired":
            missing = next(
                (one for name, needs in wanted.items() if name in given for one in needs if one not in given), ""
            )
            return _("%(where)s: “%(name)s” is missing.", name=missing, **words)
        case "additionalProperties":
            known = error.schema.get("properties", {})
            name = next((each for each in given if each not in known), "")
            return _("%(where)s: “%(name)s” is not known here.", name=name[:60], **words)
        case "enum" | "const":
            choice = ", ".join(json.dumps(each) for each in (wanted if isinstance(wanted, list) else [wanted]))
            return _("%(where)s: one of these is expected: %(choice)s.", choice=choice, **words)
        case "maxLength" | "maxItems" | "maximum":
            return _("%(where)s: this is more than %(most)s.", most=wanted, **words)
        case "minLength" | "minProperties" | "minimum":
            return _("%(where)s: this is less than %(least)s.", least=wanted, **words)
        case "pattern":
            return _("%(where)s: “%(given)s” is not written as it should be.", given=str(given)[:60], **words)
    return _("%(where)s: this is of another kind than expected (%(kind)s).", kind=str(wanted)[:60], **words)


# --- the sense ----------------------------------------------------------------------------------------------------


def _against_sense(event: Outline) -> Iterator[str]:
    """What a schema cannot say: names that refer to each other, ends after starts, placeholders."""
    yield from _texts(event)
    rooms, tracks = (_names(event, name) for name in ("rooms", "tracks"))
    for what, names in (("rooms", rooms), ("tracks", tracks)):
        for name, number in Counter(names).items():
            if number > 1:
                yield _("%(where)s: “%(name)s” is named twice.", where=what, name=name)
    for where, told in _slots(event):
        yield from _of_slot(where, told, rooms, tracks)
    if sum(each["kind"] == "arrival" for each in event.get("points", [])) > 1:
        yield _("%(where)s: “%(name)s” is named twice.", where="points", name="arrival")
    pairs = Counter((each["item_kind"], each["kind"]) for each in event.get("deliverables", []))
    for (item_kind, kind), number in pairs.items():
        if number > 1:
            yield _("%(where)s: “%(name)s” is named twice.", where="deliverables", name=f"{item_kind}/{kind}")


def _names(event: Outline, name: str) -> list[str]:
    return [each["name"].get("en") or each["name"]["zh"] for each in event.get(name, [])]


def _slots(event: Outline) -> Iterator[tuple[str, dict[str, Any]]]:
    for n, session in enumerate(event.get("sessions", []), 1):
        yield f"event/sessions/{n}", session
        yield from ((f"event/sessions/{n}/items/{m}", each) for m, each in enumerate(session.get("items", []), 1))
    for name in ("items", "availability"):
        yield from ((f"event/{name}/{n}", each) for n, each in enumerate(event.get(name, []), 1))


def _of_slot(where: str, told: Mapping[str, Any], rooms: list[str], tracks: list[str]) -> Iterator[str]:
    for name, known in (("room", rooms), ("track", tracks)):
        if name in told and told[name] not in known:
            yield _("%(where)s: there is no %(kind)s “%(name)s”.", where=where, kind=name, name=told[name][:60])
    if "ends" in told:
        begins = (told["day"], time.fromisoformat(told["starts"]))
        ends = (told.get("ends_day", told["day"]), time.fromisoformat(told["ends"]))
        if ends <= begins or ends[0] > begins[0] + 1:
            yield _("%(where)s: the end must lie after the start, and within a day of it.", where=where)


def _texts(value: Any, where: str = "event") -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, f"{where}/{key}")
    elif isinstance(value, list):
        for n, each in enumerate(value, 1):
            yield from _texts(each, f"{where}/{n}")
    elif isinstance(value, str):
        for found in unknown_placeholders(value):
            yield _("%(where)s: “%(name)s” stands for nothing. Braces of a text are doubled.", where=where, name=found)
