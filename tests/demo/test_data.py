"""What the demonstration shows, before any of it is loaded."""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import app.demo

DATA = Path(app.demo.__file__).parent / "data"
FILES = sorted(DATA.glob("*.json"))
GOLDEN = {
    "sessions": 2,
    "people": 1,
    "groups": 2,
    "teams": 3,
    "speeches": 2,
    "campaigns": 10,
    "ceremonies": 2,
    "statements": 3,
    "publications": 1,
    "minutes": 0,
}


def read(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


SOURCE = read("source_gathering")
PEOPLE = read("qinglan_people")
EVENTS = read("qinglan_events")["events"]
SPEECHES = read("qinglan_speeches")["speeches"]
ASSIGNMENTS = read("qinglan_assignments")["assignments"]
CAMPAIGNS = read("qinglan_campaigns")
MINUTES = read("qinglan_minutes")
PROGRAMME = read("qinglan_programme")
FINGERPRINT = read("source_fingerprint")


def walk(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with the key it stands under; the entries of a list stand under the key of the list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from walk(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, key)
    else:
        yield key, value


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


def pointed_at(document: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def fingerprints(text: str) -> set[str]:
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())
    size = FINGERPRINT["words"]
    runs = (" ".join(words[start : start + size]) for start in range(len(words) - size + 1))
    return {hashlib.sha256(run.encode()).hexdigest()[: FINGERPRINT["hex_digits"]] for run in runs}


# ---- the real gathering


def test_the_real_gathering_has_the_golden_counts() -> None:
    assert {name: len(SOURCE[name]) for name in GOLDEN} == GOLDEN
    first, second = SOURCE["speeches"]
    assert [each["number"] for each in first["requirements"]] == [1, 2, 3, 4, 5, 6, 7]
    assert [each["number"] for each in second["requirements"]] == [1, 2, 3]
    kinds = Counter(each["kind"] for speech in SOURCE["speeches"] for each in speech["passages"])
    assert kinds == {"directive": 4, "principle": 3, "method_rule": 3, "context": 1, "exhortation": 1}
    assert Counter(each["year"] for each in SOURCE["campaigns"]) == {2022: 7, 2023: 3}
    assert sum(each["review"] is not None for each in SOURCE["campaigns"]) == 7
    assert sum(each["assessment"] is not None for each in SOURCE["campaigns"]) == 3
    assert [each["theme"] for each in SOURCE["sessions"]].count(None) == 0
    assert len(SOURCE["publications"][0]["closing"]) == 2
    assert [each["signatures"] for each in SOURCE["pledges"]] == [0]
    assert [each["holders"] for each in SOURCE["awards"]] == [[]]
    assert SOURCE["event"]["days"] == 2
    assert [each["discarded"] for each in SOURCE["source"]["notes"] if "discarded" in each] == [True]


def test_each_of_the_54_facts_has_its_place() -> None:
    assert [each["fact"] for each in SOURCE["facts"]] == [f"F{number:02}" for number in range(1, 55)]
    for fact in SOURCE["facts"]:
        for pointer in fact["where"]:
            pointed_at(SOURCE, pointer)


def test_what_is_not_stated_says_why_and_has_no_value() -> None:
    marked = [each for each in objects(SOURCE) if "provenance" in each and "value" in each]
    assert {each["provenance"] for each in marked} == {"inferred", "unknown"}
    assert [each for each in marked if not each["basis"] or not each["basis_zh"]] == []
    assert [each for each in marked if (each["value"] is None) != (each["provenance"] == "unknown")] == []


def test_the_wording_of_the_release_is_withheld_and_its_spans_lie_inside_it() -> None:
    assert {value for key, value in walk(SOURCE) if key == "verbatim"} == {None}
    spans = [value for each in objects(SOURCE) for key, value in each.items() if key.endswith("span")]
    assert len(spans) > 60
    assert [span for span in spans if not 0 <= span[0] < span[1] <= SOURCE["source"]["characters"]] == []


def test_the_real_president_has_no_account() -> None:
    assert [each["account"] for each in SOURCE["people"]] == [False]


@pytest.mark.parametrize(
    "file", [each for each in FILES if each.stem != "source_fingerprint"], ids=lambda each: each.stem
)
def test_no_eight_words_in_a_row_are_taken_from_the_release(file: Path) -> None:
    taken = set(FINGERPRINT["shingles"])
    texts = [value for _, value in walk(json.loads(file.read_text(encoding="utf-8"))) if isinstance(value, str)]
    assert [text for text in texts if fingerprints(text) & taken] == []


def test_the_search_for_taken_words_would_notice_them() -> None:
    """Negative control, with a sentence of our own, and one run of eight whose words are all plain names of the source."""
    assert len(fingerprints("one two three four five six seven eight nine")) == 2
    assert fingerprints("ONE, two three four five six seven – eight!") <= fingerprints(
        "0 one two three four five six seven eight"
    )
    assert fingerprints(f"{SOURCE['event']['title']} of") <= set(FINGERPRINT["shingles"])


# ---- the fictional company


def test_120_people_work_in_9_departments() -> None:
    people = PEOPLE["people"]
    assert len({each["key"] for each in people}) == 120
    assert len({each["email"] for each in people}) == 120
    standing = {each["key"] for each in PEOPLE["departments"] if each["valid_to"] is None}
    assert len(standing) == 9
    assert {each["department"] for each in people} == standing
    assert [each["key"] for each in PEOPLE["departments"] if each["valid_to"]] == ["PUR"]


def test_the_departments_are_a_tree_and_so_are_the_managers() -> None:
    parents = {each["key"]: each["parent"] for each in PEOPLE["departments"]}
    managers = {each["key"]: each["manager"] for each in PEOPLE["people"]}
    for above in (parents, managers):
        assert list(above.values()).count(None) == 1
        for start in above:
            seen: list[str | None] = []
            step: str | None = start
            while step is not None:
                assert step not in seen
                seen.append(step)
                step = above[step]


def test_every_person_department_team_and_session_that_is_named_exists() -> None:
    people = {each["key"] for each in PEOPLE["people"]}
    departments = {each["key"] for each in PEOPLE["departments"]}
    teams = {each["key"] for each in PEOPLE["teams"]}
    sessions = {each["key"] for event in EVENTS for each in event["sessions"]}
    known = {
        **dict.fromkeys(
            [
                "person",
                "responsible",
                "verifier",
                "manager",
                "head",
                "lead",
                "members",
                "speaker",
                "chair",
                "commander",
                "assessor",
                "assessed_by",
                "recorder",
                "approver",
                "conferred_by",
                "registered",
                "attended",
                "unanswered",
                "waiting",
                "participants",
                "present",
                "excused",
                "in_attendance",
                "distribution",
            ],
            people | {"all"},
        ),
        "department": departments,
        "team": teams,
        "event": {each["key"] for each in EVENTS},
        "session": sessions,
        "item": {item["key"] for event in EVENTS for item in event["items"]},
    }
    for document in (PEOPLE, EVENTS, SPEECHES, ASSIGNMENTS, CAMPAIGNS, MINUTES, PROGRAMME):
        unknown = {
            (key, value)
            for key, value in walk(document)
            if key in known and isinstance(value, str) and value not in known[key]
        }
        assert unknown == set()
    speakers = {each.removeprefix("team:") for event in EVENTS for item in event["items"] for each in item["speakers"]}
    assert speakers <= people | teams


def test_what_is_quoted_was_said() -> None:
    for speech in SPEECHES:
        assert len(speech["requirements"]) == speech["announced_requirement_count"]
        assert [each["number"] for each in speech["requirements"]] == list(range(1, len(speech["requirements"]) + 1))
        for each in speech["passages"] + speech["requirements"]:
            assert each["verbatim"] in speech["text"], (speech["key"], each["verbatim"])


def test_the_main_speeches_have_a_length_and_both_languages() -> None:
    assert Counter(each["language"] for each in SPEECHES) == {"en": 5, "zh": 3}
    assert [each["key"] for each in SPEECHES if not (each["title_zh"] and each["summary"] and each["summary_zh"])] == []


def test_the_upcoming_gathering_has_exactly_three_places_left() -> None:
    (upcoming,) = (each for each in EVENTS if each["key"] == "annual-3")
    places = upcoming["registration"]
    assert places["open"]
    assert places["capacity"] - len(set(places["registered"])) == 3
    assert upcoming["starts"] == {"months": 1, "nth": 2, "weekday": 3}
    (visit,) = (each for each in upcoming["sessions"] if each["capacity"])
    assert len(places["sessions"][visit["key"]]) <= visit["capacity"]


@pytest.mark.parametrize("event", EVENTS, ids=lambda each: each["key"])
def test_who_comes_to_a_gathering_did_not_decline_and_speaks_only_when_coming(event: dict[str, Any]) -> None:
    places = event["registration"]
    if places is None:
        return
    coming = set(places["registered"])
    assert len(coming) == len(places["registered"])
    assert len(coming) <= (places["capacity"] or 1000)
    assert (
        coming
        & (
            {each["person"] for each in places["declined"]}
            | set(places.get("unanswered", []))
            | set(places.get("waiting", []))
        )
        == set()
    )
    assert not places.get("waiting") or len(coming) == places["capacity"]
    speaking = {each for item in event["items"] for each in item["speakers"] if not each.startswith("team:")}
    assert speaking <= coming


def test_nobody_is_in_two_rooms_at_once() -> None:
    for event in EVENTS:
        busy: dict[str, list[tuple[int, int]]] = {}
        for item in event["items"]:
            hours, minutes = map(int, item["starts"].split(":"))
            start = item["day"] * 1440 + hours * 60 + minutes
            for who in [*item["speakers"], f"room {item['room']}"]:
                assert all(end <= start or start + item["minutes"] <= begin for begin, end in busy.get(who, []))
                busy.setdefault(who, []).append((start, start + item["minutes"]))


def test_assignments_stand_in_every_state_and_keep_the_rules() -> None:
    assert {each["state"] for each in ASSIGNMENTS} == {
        "proposed", "assigned", "negotiating", "accepted", "in_progress", "submitted", "verified", "closed", "declined", "cancelled",
    }  # fmt: skip
    tracked = {f"{s['key']}/{r['number']}" for s in SPEECHES for r in s["requirements"] if r["tracking"] == "assigned"}
    assert {each["requirement"] for each in ASSIGNMENTS} == tracked
    manager = {each["key"]: each["manager"] for each in PEOPLE["people"]}
    for each in ASSIGNMENTS:
        assert each["verifier"] != each["responsible"]
        assert manager[each["verifier"]] != each["responsible"]
        assert (each["closed"] is not None) == (each["state"] == "closed")
        assert ("decline_reason" in each) == (each["state"] == "declined")
        assert ("cancel_reason" in each) == (each["state"] == "cancelled")
        verdicts = [verdict["accepted"] for verdict in each["verdicts"]]
        assert (verdicts[-1:] == [True]) == (each["state"] in ("verified", "closed"))
    closed = [each for each in ASSIGNMENTS if each["state"] == "closed"]
    late = [each for each in closed if each["evidence"][-1]["on"]["days"] > each["due"]["days"]]
    assert 0 < len(late) < len(closed)
    assert any(each["due"]["days"] < 0 for each in ASSIGNMENTS if each["state"] == "in_progress")
    assert any(False in [verdict["accepted"] for verdict in each["verdicts"]] for each in ASSIGNMENTS)


def test_pledges_are_kept_missed_in_force_and_open_and_nobody_signs_twice() -> None:
    pledges = CAMPAIGNS["pledges"]
    assert {each["verdict"] for each in pledges} == {None, "kept", "partly_kept", "missed", "released"}
    assert {each["state"] for each in pledges} == {"draft", "open", "in_force", "assessed"}
    for each in pledges:
        signatories = [slot["person"] for slot in each["slots"]]
        assert len(signatories) == len(set(signatories))
        signed = sum(slot["signed"] for slot in each["slots"])
        assert {"draft": signed == 0, "open": 0 < signed < len(signatories)}.get(
            each["state"], signed == len(signatories)
        )
        assert each["assessed_by"] not in [slot["person"] for slot in each["slots"] if slot["role"] == "pledger"]
    rounds = [key for each in CAMPAIGNS["pledge_rounds"] for key in each["pledges"]]
    assert sorted(rounds) == sorted(each["key"] for each in pledges)


def test_campaigns_were_won_partly_won_and_lost_and_each_review_has_both_kinds_of_findings() -> None:
    campaigns = CAMPAIGNS["campaigns"]
    assert Counter(each["outcome"] for each in campaigns) == {"won": 2, "partly_won": 1, "lost": 1, None: 6}
    for each in campaigns:
        assert (each["outcome"] is not None) == (each["state"] == "concluded")
        for review in each["reviews"]:
            assert {finding["kind"] for finding in review["findings"]} == {"cause_of_failure", "experience_of_success"}


def test_minutes_are_published_in_both_languages_and_one_was_amended() -> None:
    published = [each for each in MINUTES["minutes"] if each["state"] == "published"]
    assert Counter(each["language"] for each in published) == {"zh": 2, "en": 2}
    assert max(len(each["versions"]) for each in published) == 2
    for each in published:
        assert each["approver"] != each["recorder"]
        newest = each["versions"][-1]["number"]
        valid = {ack["person"] for ack in each["acknowledgements"] if ack["version"] == newest}
        assert 0 < len(valid) < len(each["distribution"])
        assert {ack["person"] for ack in each["acknowledgements"]} <= set(each["distribution"])


def test_texts_name_no_year_but_the_ones_counted_from_the_upcoming_session() -> None:
    for document in (PEOPLE, EVENTS, SPEECHES, ASSIGNMENTS, CAMPAIGNS, MINUTES, PROGRAMME):
        texts = [value for _, value in walk(document) if isinstance(value, str)]
        assert [text for text in texts if re.search(r"\b20[0-9][0-9]\b", text)] == []
        braces = {each for text in texts if text != PEOPLE["dates"] for each in re.findall(r"\{.*?\}", text)}
        assert braces <= {"{E}", "{E-1}", "{E-2}", "{E-3}"}


def test_chinese_texts_use_chinese_punctuation() -> None:
    texts = [value for file in FILES for _, value in walk(json.loads(file.read_text(encoding="utf-8")))]
    chinese = [text for text in texts if isinstance(text, str) and re.search("[\u4e00-\u9fff]", text)]
    assert len(chinese) > 500
    assert [text for text in chinese if re.search('[\u4e00-\u9fff][,:;?!()"]|[,:;?!()"][\u4e00-\u9fff]', text)] == []


def test_the_demonstration_stays_small() -> None:
    assert sum(each.stat().st_size for each in FILES) < 375_000
