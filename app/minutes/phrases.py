"""The phrase library: how each kind of record is told, in two languages and two traditions.

Minutes of a chaired assembly tell what was done, not what was said (Robert's Rules). A meeting summary, 会议纪要, begins
each matter with a formula verb: the meeting decided (会议决定), made clear (会议明确), required (会议要求).
A sentence is one line of Markdown. Which language it is in is the language in force.
"""

import re
from collections.abc import Callable

from app.core.i18n import _, ngettext, pgettext
from app.core.text import one_line
from app.decisions.models import Means
from app.minutes.models import Tradition
from app.minutes.records import Fact, Values

SPECIAL = re.compile(r"([\\`*_\[\]<>|{}])")
LEADING = re.compile(r"^(\d*)([#+\-=~.)])")  # begins a heading or a list


def sentence(fact: Fact, tradition: str) -> str:
    """What is told of one record."""
    told = {name: plain(words) for name, words in fact.values.items()}
    library = SUMMARY if tradition == Tradition.SUMMARY else ASSEMBLY
    return library[fact.kind](told)


def plain(words: str) -> str:
    """A recorded text as itself: no sign in it becomes a mark of Markdown or stands for a record."""
    return LEADING.sub(r"\1\\\2", SPECIAL.sub(r"\\\1", one_line(words)))


def stated(words: str) -> str:
    return words or _("not stated")


def headed(heading: str, text: str) -> str:
    if not heading:
        return text
    return _("%(heading)s: %(text)s", heading=f"**{heading}**", text=text) if text else f"**{heading}**"


# --- the meeting --------------------------------------------------------------------------------------------------


def _meeting(told: Values) -> str:
    return _(
        "%(kind)s “%(session)s” of “%(gathering)s”.",
        kind=told["kind"], session=told["session"], gathering=told["gathering"],
    )  # fmt: skip


def _meeting_summed_up(told: Values) -> str:
    if not (told["time"] and told["place"]):
        return _meeting(told)
    return _(
        "On %(time)s the %(kind)s “%(session)s” of “%(gathering)s” was held at %(place)s.",
        time=told["time"], place=told["place"], kind=told["kind"], session=told["session"], gathering=told["gathering"],
    )  # fmt: skip


def _time(told: Values) -> str:
    return _("Time: %(time)s", time=stated(told["time"]))


def _place(told: Values) -> str:
    return _("Place: %(place)s", place=stated(told["place"]))


def _chair(told: Values) -> str:
    return _("In the chair: %(name)s", name=stated(told["name"]))


def _recorder(told: Values) -> str:
    return _("Recorded by: %(name)s", name=stated(told["name"]))


def _attendance(told: Values) -> str:
    if not any(int(count) for count in told.values()):
        return _("Attendance: not stated")
    return _(
        "Attendance: %(present)s present, %(excused)s excused, %(others)s in attendance; the names stand in the lists",
        present=told["present"], excused=told["excused"], others=told["in_attendance"],
    )  # fmt: skip


def _held(told: Values) -> str:
    if told["end"]:
        return _("Called to order at %(begin)s, closed at %(end)s", begin=told["begin"], end=told["end"])
    return _("Called to order at %(begin)s", begin=told["begin"])


def _theme(told: Values) -> str:
    return _("Theme: %(theme)s", theme=told["theme"])


def _next_meeting(told: Values) -> str:
    when = told["time"] or pgettext("next meeting", "day not fixed")
    words = _(
        "The next meeting is “%(session)s” of “%(gathering)s”: %(time)s",
        session=told["session"], gathering=told["gathering"], time=when,
    )  # fmt: skip
    return _("%(words)s, %(place)s", words=words, place=told["place"]) if told["place"] else words


# --- what was done ------------------------------------------------------------------------------------------------


def _adoption(told: Values) -> str:
    named = told["title"]
    if told["number"]:
        named = _("%(title)s (No. %(number)s)", title=told["title"], number=told["number"])
    sentences = {
        "adopted": _("The minutes “%(title)s” were approved as circulated.", title=named),
        "corrected": _(
            "The minutes “%(title)s” were approved as corrected: %(corrections)s",
            title=named, corrections=stated(told["corrections"]),
        ),
        "deferred": _("The approval of the minutes “%(title)s” was postponed.", title=named),
    }  # fmt: skip
    return sentences.get(told["outcome"], sentences["deferred"])


def _item(told: Values) -> str:
    words = _("%(title)s (%(kind)s)", title=told["title"], kind=told["kind"])
    if told["names"]:
        words = _("%(item)s: %(names)s", item=words, names=told["names"])
    if told["planned"]:
        return _(
            "%(time)s (planned for %(planned)s) %(words)s", time=told["time"], planned=told["planned"], words=words
        )
    return f"{told['time']} {words}" if told["time"] else words


def _speech(told: Values) -> str:
    values = {"name": told["name"], "title": f"**{told['title']}**"}
    if told["position"]:
        return _("%(name)s, %(position)s, addressed the meeting: %(title)s", position=told["position"], **values)
    return _("%(name)s addressed the meeting: %(title)s", **values)


def _requirement(told: Values) -> str:
    words = _addressed(told, headed(told["heading"], told["text"]))
    return _("(%(number)s) %(words)s", number=told["number"], words=words)


def _requirement_summed_up(told: Values) -> str:
    words = _addressed(told, headed(told["heading"], told["text"]))
    return _("The meeting required (%(number)s): %(words)s", number=told["number"], words=words)


def _addressed(told: Values, words: str) -> str:
    return _("%(words)s (to: %(names)s)", words=words, names=told["addressees"]) if told["addressees"] else words


def _campaign(told: Values) -> str:
    return headed(told["name"], told["verdict"])


def _decision(told: Values) -> str:
    """Without its number: a gap would tell that there is a decision which the reader may not know of."""
    values = {"text": told["text"], "mover": told["mover"], "votes": _votes(told)}
    means, has_votes, has_mover = Means(told["means"]), bool(values["votes"]), bool(told["mover"])
    if not told["carried"]:
        if has_mover and has_votes:
            return _("The motion of %(mover)s was lost (%(votes)s): %(text)s", **values)
        if has_mover:
            return _("The motion of %(mover)s was lost: %(text)s", **values)
        if has_votes:
            return _("The motion was lost (%(votes)s): %(text)s", **values)
        return _("The motion was lost: %(text)s", **values)
    if means == Means.CHAIR:
        return _("The chair decided: %(text)s", **values)
    if means == Means.VOTE:
        if has_mover and has_votes:
            return _("On the motion of %(mover)s it was decided by vote (%(votes)s): %(text)s", **values)
        if has_mover:
            return _("On the motion of %(mover)s it was decided by vote: %(text)s", **values)
        if has_votes:
            return _("It was decided by vote (%(votes)s): %(text)s", **values)
        return _("It was decided by vote: %(text)s", **values)
    if has_mover:
        return _("On the motion of %(mover)s it was decided by consensus: %(text)s", **values)
    return _("It was decided by consensus: %(text)s", **values)


def _decision_summed_up(told: Values) -> str:
    values = {"text": told["text"], "how": _how(told)}
    if not told["carried"]:
        return _("The meeting did not adopt the motion (%(how)s): %(text)s", **values)
    if told["means"] == Means.CHAIR:
        return _("The meeting made clear, as the chair decided: %(text)s", **values)
    return _("The meeting decided (%(how)s): %(text)s", **values)


def _how(told: Values) -> str:
    """By which way, with the numbers, and on whose motion."""
    votes = _votes(told)
    if told["means"] == Means.VOTE:
        way = _("by vote: %(votes)s", votes=votes) if votes else pgettext("decision", "by vote")
    else:
        way = pgettext("decision", "by consensus")
    return _("%(way)s; moved by %(mover)s", way=way, mover=told["mover"]) if told["mover"] else way


def _votes(told: Values) -> str:
    if not (told["for"] or told["against"]):
        return ""
    values = {"yes": told["for"] or "0", "no": told["against"] or "0", "abstained": told["abstained"]}
    if told["abstained"]:
        return _("%(yes)s for, %(no)s against, %(abstained)s abstaining", **values)
    return _("%(yes)s for, %(no)s against", yes=values["yes"], no=values["no"])


def _assignment(told: Values) -> str:
    return _("%(name)s, by %(day)s: %(text)s", name=f"**{told['name']}**", day=told["day"], text=told["text"])


def _assignment_summed_up(told: Values) -> str:
    return _(
        "The meeting made clear: %(name)s answers, by %(day)s, for: %(text)s",
        name=f"**{told['name']}**", day=told["day"], text=told["text"],
    )  # fmt: skip


def _pledge(told: Values) -> str:
    named = _("%(label)s “%(title)s”", label=told["label"], title=told["title"])
    if told["pledgers"] and told["others"]:
        return _(
            "The pledge %(pledge)s was signed by %(pledgers)s, with %(others)s.",
            pledge=named, pledgers=told["pledgers"], others=told["others"],
        )  # fmt: skip
    if told["pledgers"]:
        return _("The pledge %(pledge)s was signed by %(pledgers)s.", pledge=named, pledgers=told["pledgers"])
    return _("The pledge %(pledge)s is in force.", pledge=named)


def _award(told: Values) -> str:
    whom = told["names"]
    if not whom and told["count"]:
        whom = ngettext("%(num)s recipient", "%(num)s recipients", int(told["count"]))
    return _("%(title)s was conferred on: %(names)s", title=f"**{told['title']}**", names=stated(whom))


def _tally(told: Values) -> str:
    return _(
        "The tally %(number)s of the campaign “%(campaign)s” was conferred on: %(name)s",
        number=f"**{told['number']}**", campaign=told["campaign"], name=stated(told["name"]),
    )  # fmt: skip


def _statement(told: Values) -> str:
    return headed(told["team"], stated(told["words"]))


def _announcement(told: Values) -> str:
    if told["name"]:
        return _("%(name)s announced: %(text)s", name=told["name"], text=told["text"])
    return _("It was announced: %(text)s", text=told["text"])


ASSEMBLY: dict[str, Callable[[Values], str]] = {
    "meeting": _meeting,
    "time": _time,
    "place": _place,
    "chair": _chair,
    "recorder": _recorder,
    "attendance": _attendance,
    "held": _held,
    "theme": _theme,
    "adoption": _adoption,
    "item": _item,
    "speech": _speech,
    "requirement": _requirement,
    "reviewed": _campaign,
    "assessed": _campaign,
    "decision": _decision,
    "assignment": _assignment,
    "pledge": _pledge,
    "award": _award,
    "tally": _tally,
    "statement": _statement,
    "announcement": _announcement,
    "next_meeting": _next_meeting,
}
SUMMARY = {
    **ASSEMBLY,
    "meeting": _meeting_summed_up,
    "requirement": _requirement_summed_up,
    "decision": _decision_summed_up,
    "assignment": _assignment_summed_up,
}
