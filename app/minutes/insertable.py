"""The records of a session that can be put into its minutes by their marks."""

from app.core.i18n import _lp, force_locale
from app.minutes import phrases
from app.minutes.models import Minutes
from app.minutes.records import Records

# What is offered, in the order of a text.
LABELS = {
    "item": _lp("records", "Agenda items"),
    "decision": _lp("records", "Decisions"),
    "assignment": _lp("records", "Given to somebody to do"),
    "speech": _lp("records", "Speeches"),
    "requirement": _lp("records", "Requirements"),
    "reviewed": _lp("records", "Campaigns reviewed"),
    "assessed": _lp("records", "Campaigns assessed"),
    "pledge": _lp("records", "Pledges"),
    "award": _lp("records", "Awards"),
    "tally": _lp("records", "Tallies"),
    "statement": _lp("records", "Statements"),
    "adoption": _lp("records", "Earlier minutes"),
    "announcement": _lp("records", "Announcements"),
    "meeting": _lp("records", "Meeting"),
    "theme": _lp("records", "Theme"),
    "time": _lp("records", "Time"),
    "place": _lp("records", "Place"),
    "chair": _lp("records", "Chair"),
    "recorder": _lp("records", "Recorder"),
    "attendance": _lp("records", "Attendance"),
    "held": _lp("records", "When it was really held"),
    "next_meeting": _lp("records", "Next meeting"),
}


def list_records(minutes: Minutes) -> list[tuple[str, list[tuple[str, str]]]]:
    """By kind: of each record its mark without the braces, and the sentence that it says in these minutes."""
    with force_locale(minutes.language):
        records = Records(minutes.session, minutes.recorder)
        told = {
            kind: [(fact.mark.strip("{}"), phrases.sentence(fact, minutes.tradition)) for fact in records.of(kind)]
            for kind in LABELS
        }
    return [(str(LABELS[kind]), found) for kind, found in told.items() if found]
