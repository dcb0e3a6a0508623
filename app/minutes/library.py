"""Under which words, people and subjects minutes are found once they are in force.

All of it is made of the extracts: whoever reads less finds less, and is not told that there is more.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from app.core.db import db
from app.core.text import fold, one_line
from app.documents.markdown import plain_text
from app.events.models import Participation
from app.minutes import extracts, paragraphs
from app.minutes.extracts import Text
from app.minutes.models import Mention, Minutes, MinutesVersion
from app.people.models import Person
from app.requirements.models import Requirement
from app.search import services as search
from app.search.tokens import CJK
from app.speeches.models import Speech

LONGEST_KEY = 100
MOST_SUBJECTS = 12


def file_under(minutes: Minutes) -> None:
    """Let the text in force be found: by its words, by the people named in it, by its subjects. Whatever was found
    before is found no more."""
    take_out(minutes)
    version = minutes.current
    assert version is not None
    where = _said_where(version)
    people = list(_people(minutes, where))
    subjects = [(fold(words)[:LONGEST_KEY], words, level) for words, level in _subjects(minutes, where)]
    _index(minutes, version, [(words, level) for _key, words, level in subjects])
    for kind, mentions in (("person", people), ("subject", subjects)):
        for key, words, level in mentions:
            db.session.add(Mention(minutes_id=minutes.id, kind=kind, key=key, words=words, clearance=level))
    db.session.flush()


def take_out(minutes: Minutes) -> None:
    """They are found no more, by nothing."""
    search.drop("minutes", minutes.ref)
    db.session.execute(delete(Mention).where(Mention.minutes_id == minutes.id))


def subjects_of(typed: str) -> list[str]:
    """What somebody typed, separated by commas or lines, each once."""
    found = {fold(each): one_line(each)[:LONGEST_KEY] for each in re.split(r"[,，、;；\n]", typed) if each.strip()}
    return list(found.values())[:MOST_SUBJECTS]


# --- by its words -------------------------------------------------------------------------------------------------


def _index(minutes: Minutes, version: MinutesVersion, subjects: Iterable[tuple[str, int]]) -> None:
    """For each level at which the text grows the words of its own extract alone."""
    session = minutes.session
    levels = extracts.levels(version)
    for level, beyond in zip(levels, [*levels[1:], None], strict=True):
        search.put(
            "minutes",
            minutes.ref,
            part=str(level),
            url=f"/events/{minutes.event.ref}/minutes/{minutes.ref}",
            title=minutes.title,
            lines=[
                *_lines(extracts.read(version, level)),
                *_names_of_it(minutes),
                *(("", words) for words, theirs in subjects if theirs <= level),
            ],
            event_id=minutes.event_id,
            on=session.day or minutes.event.starts_on,
            least_clearance=level,
            most_clearance=search.EVERYBODY if beyond is None else beyond - 1,
        )


def _lines(text: Text) -> Iterator[search.Line]:
    """Each paragraph with its place on the page; a heading's is that of its section."""
    for part in text.parts:
        if part.heading:
            yield part.anchor, part.heading
        for each in paragraphs.listed(part.anchor, part.text):
            yield each.anchor, plain_text(each.source)
    for file in text.files:
        yield "files", file.title
    for names in text.says["attendance"].values():
        if names:
            yield "attending", ", ".join(names)
    for file in text.files:
        yield "files", file.title


def _names_of_it(minutes: Minutes) -> Iterator[search.Line]:
    session = minutes.session
    for words in (session.title, session.title_local, minutes.label, minutes.earlier_number):
        if words:
            yield "", words


# --- by people and subjects ---------------------------------------------------------------------------------------


def _said_where(version: MinutesVersion) -> dict[int, str]:
    """What the sections of each level say, from the least; the lists of people are read by all readers."""
    levels = extracts.levels(version)
    said: dict[int, list[str]] = {level: [] for level in levels}
    text = extracts.read(version, levels[-1])
    said[levels[0]] += [name for names in text.says["attendance"].values() for name in names]
    for part in text.parts:
        said[part.section.clearance] += [part.heading, part.text]
    return {level: "\n".join(each) for level, each in said.items()}


def _people(minutes: Minutes, where: Mapping[int, str]) -> Iterator[tuple[str, str, int]]:
    """Who is named, by whom it may be known. Of two people of one name those who took part are meant, if any did."""
    told: dict[str, tuple[str, str, int]] = {}
    here = set(
        db.session.scalars(select(Participation.person_id).where(Participation.event_id == minutes.event_id)).all()
    )
    known = db.session.execute(select(Person.id, Person.ref, Person.name, Person.name_local)).all()
    least = min(where)
    if minutes.recorder is not None:
        told[minutes.recorder.ref] = (minutes.recorder.ref, minutes.recorder.name, least)
    for level, said in sorted(where.items()):
        for ref, name in _named(said, known, here):
            told.setdefault(ref, (ref, name, level))
    yield from told.values()


def _named(said: str, known: Iterable[Any], here: set[int]) -> Iterator[tuple[str, str]]:
    """(ref, name) of the people whose names stand in a text; a longer name hides the shorter one inside it."""
    bearers: dict[str, list[Any]] = {}
    for person in known:
        for name in {person[2], person[3]} - {None, ""}:
            if name in said:
                bearers.setdefault(name, []).append(person)
    if not bearers:
        return
    pattern = re.compile("|".join(_as_name(each) for each in sorted(bearers, key=len, reverse=True)))
    for name in {each.group() for each in pattern.finditer(said)}:
        meant = [each for each in bearers[name] if each[0] in here] or bearers[name]
        for person in meant:
            yield person[1], person[2]


def _as_name(name: str) -> str:
    """Of an alphabet it stands for itself; in Chinese nothing stands between words."""
    escaped = re.escape(name)
    return escaped if re.match(f"[{CJK}]", name) else rf"(?<!\w){escaped}(?!\w)"


def _subjects(minutes: Minutes, where: Mapping[int, str]) -> Iterator[tuple[str, int]]:
    """The subjects that were given, and the topics of the session's requirements that the text speaks of.

    One that only few may read of is met by them alone.
    """
    least = min(where)
    folded = {level: fold(said) for level, said in sorted(where.items())}
    found: dict[str, tuple[str, int]] = {}
    for words in minutes.subjects:
        level = next((each for each, said in folded.items() if fold(words) in said), least)
        found.setdefault(fold(words), (words, level))
    for words in _topics(minutes):
        level = next((each for each, said in folded.items() if fold(words) in said), None)
        if level is not None:
            found.setdefault(fold(words), (words, level))
    yield from list(found.values())[: 2 * MOST_SUBJECTS]


def _topics(minutes: Minutes) -> Iterator[str]:
    of_session = select(Requirement.topics).join(Speech, Speech.id == Requirement.speech_id)
    for topics in db.session.scalars(
        of_session.where(Speech.session_id == minutes.session_id).order_by(Requirement.id)
    ):
        yield from (each[:LONGEST_KEY] for each in topics)


def subjects_for(minutes: Minutes, clearance: int) -> Sequence[Mention]:
    """Those that a reader of this clearance may know."""
    filed = select(Mention).where(
        Mention.minutes_id == minutes.id, Mention.kind == "subject", Mention.clearance <= clearance
    )
    return db.session.scalars(filed.order_by(Mention.id)).all()
