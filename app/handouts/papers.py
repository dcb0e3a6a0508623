"""The papers of a programme as data for the typesetter, in the language of now. All of it is text, never markup."""

from collections.abc import Sequence

from app.core.i18n import _, _l, _lp, format_day, format_days, format_span, listed, phrased
from app.documents.labels import frame_labels
from app.documents.shapes import (
    Booklet,
    BookletDay,
    BookletItem,
    BookletSitting,
    DocumentFacts,
    DoorSignPage,
    DoorSigns,
    Fact,
    SheetItem,
    SheetOwed,
    SignLine,
    SpeakerSheetPage,
    SpeakerSheets,
)
from app.events.models import Audience, Event
from app.handouts.queries import Edition, RoomDay, SpeakerSheet, list_organizers
from app.programme.models import AgendaItem
from app.programme.queries import Sitting
from app.speakers.models import DELIVERABLE_LABELS, REVIEW_LABELS
from app.speakers.queries import due_on

CLASSIFICATION = {
    Audience.PUBLIC: _lp("audience", "Public"),
    Audience.INTERNAL: _l("For internal use"),
    Audience.RESTRICTED: _lp("audience", "Restricted"),
}
# The colours of tracks on white paper; the name always stands beside them.
COLOURS = {
    "bronze": "#83541a",
    "green": "#2f6b3c",
    "amber": "#9a6200",
    "blue": "#2b5c8f",
    "plum": "#7a3d6b",
    "grey": "#5c564b",
}


def edition_words(edition: Edition) -> str:
    """Which version this is: on every paper, so that two of them can be told apart."""
    if edition.is_working:
        return _("Working version, not released")
    return _(
        "Release %(number)d “%(name)s” of %(day)s",
        number=edition.number,
        name=edition.name,
        day=format_day(edition.event.day_at(edition.released_at)) if edition.released_at else "",
    )


def classification(edition: Edition) -> str:
    """For the header of each page: who may have it, and that it is not released, if it is not."""
    words = str(CLASSIFICATION[Audience(edition.event.audience)])
    return f"{words} · {edition_words(edition)}" if edition.is_working else words


def _document(edition: Edition, title: str) -> DocumentFacts:
    return {"title": title, "dated": edition.dated.isoformat()}


def event_facts(event: Event) -> list[Fact]:
    facts = [(_("When"), format_days(event.starts_on, event.ends_on)), (_("Where"), event.display_place)]
    facts += [(_("Time zone"), event.time_zone)]
    return [{"label": label, "value": value} for label, value in facts if value]


# --- the booklet --------------------------------------------------------------------------------------------------


def booklet(edition: Edition) -> Booklet:
    event = edition.event
    audience = str(CLASSIFICATION[Audience(event.audience)])
    return Booklet(
        document=_document(edition, _("Programme: %(title)s", title=event.display_title)),
        organization=event.host.display_name if event.host else event.display_title,
        classification=classification(edition),
        labels={
            **frame_labels(),
            "programme": _("Programme"),
            "times_in": _("Times in %(zone)s", zone=event.time_zone),
            "empty": _("The programme is empty."),
        },
        event=event.display_title,
        facts=[*event_facts(event), {"label": _("Audience"), "value": audience}],
        edition=edition_words(edition),
        days=[
            BookletDay(
                title=format_day(day.day) if day.day else _("Day not stated"),
                sittings=_sittings(event, day.sittings),
            )
            for day in edition.days
        ],
    )


def _sittings(event: Event, sittings: Sequence[Sitting]) -> list[BookletSitting]:
    """A session that goes on after a break is named again, and told once."""
    told: set[str] = set()
    found: list[BookletSitting] = []
    for sitting in sittings:
        session, facts, title = sitting.session, "", ""
        if session is not None:
            title = session.display_title
            if session.ref in told:
                title = _("%(title)s (continued)", title=title)
            else:
                facts = " · ".join(
                    part
                    for part in (
                        format_span(session.starts_at, session.ends_at, event.time_zone),
                        session.room.display_name if session.room else "",
                        _("Chair: %(name)s", name=session.chair.display_name) if session.chair else "",
                        session.display_theme,
                    )
                    if part
                )
            told.add(session.ref)
        found.append(BookletSitting(title=title, facts=facts, items=[_item(event, each) for each in sitting.items]))
    return found


def _item(event: Event, item: AgendaItem) -> BookletItem:
    return BookletItem(
        time=format_span(item.starts_at, item.ends_at, event.time_zone) or _("no time stated"),
        title=item.display_title,
        speakers=speakers_of(item),
        room=item.room.display_name if item.room else "",
        track=item.track.display_name if item.track else "",
        colour=COLOURS.get(item.track.colour, COLOURS["grey"]) if item.track else "",
        summary=item.display_summary,
        note=_("internal") if item.is_internal else "",
        cancelled=_("cancelled") if item.cancelled_at is not None else "",
    )


def speakers_of(item: AgendaItem) -> str:
    return listed(each.display_name for each in item.speakers)


# --- signs at the doors -------------------------------------------------------------------------------------------


def door_signs(edition: Edition, rooms: Sequence[RoomDay]) -> DoorSigns:
    event = edition.event
    return DoorSigns(
        document=_document(edition, _("Door signs: %(title)s", title=event.display_title)),
        organization=event.host.display_name if event.host else event.display_title,
        classification=classification(edition),
        labels=frame_labels(),
        event=event.display_title,
        zone=_("Times in %(zone)s", zone=event.time_zone),
        edition=edition_words(edition),
        signs=[
            DoorSignPage(
                room=each.room.display_name,
                day=format_day(each.day),
                lines=[
                    SignLine(
                        time=format_span(item.starts_at, item.ends_at, event.time_zone),
                        title=item.display_title,
                        speakers=speakers_of(item),
                    )
                    for item in each.items
                ],
            )
            for each in rooms
        ],
    )


# --- sheets of speakers -------------------------------------------------------------------------------------------


def speaker_sheets(edition: Edition, sheets: Sequence[SpeakerSheet]) -> SpeakerSheets:
    event = edition.event
    organizers = listed(phrased((each.name, each.email)) for each in list_organizers(event))
    return SpeakerSheets(
        document=_document(edition, _("Speakers: %(title)s", title=event.display_title)),
        organization=event.host.display_name if event.host else event.display_title,
        classification=classification(edition),
        labels={
            **frame_labels(),
            "speaker": _("Speaker"),
            "items": _("Speaks in"),
            "day": _("Day"),
            "time": _("Time"),
            "room": _("Room"),
            "item": _("Item"),
            "others": _("with"),
            "owed": _("Brings in"),
            "what": _("What"),
            "due": _("Due"),
            "state": _("State"),
        },
        event=event.display_title,
        event_facts=event_facts(event),
        edition=edition_words(edition),
        sheets=[_sheet(event, each, organizers) for each in sheets],
    )


def _sheet(event: Event, sheet: SpeakerSheet, organizers: str) -> SpeakerSheetPage:
    person = sheet.person
    position = person.position_on(event.starts_on)
    facts = [
        (_("Contact"), phrased((person.email, person.phone))),
        (_("Organizers"), organizers),
    ]
    return SpeakerSheetPage(
        name=person.display_name,
        position=position.display_title if position else "",
        facts=[Fact(label=label, value=value) for label, value in facts if value],
        items=[_sheet_item(event, each, person.ref) for each in sheet.items],
        owed=[
            SheetOwed(
                what=str(DELIVERABLE_LABELS[each.kind]),
                item=each.item.display_title,
                due=format_day(due_on(each)),
                state=str(REVIEW_LABELS[each.review]),
            )
            for each in sheet.deliverables
        ],
    )


def _sheet_item(event: Event, item: AgendaItem, ref: str) -> SheetItem:
    place = item.room or (item.session.room if item.session else None)
    others = (each.display_name for each in item.speakers if each.person is None or each.person.ref != ref)
    return SheetItem(
        day=format_day(event.day_at(item.starts_at)) if item.starts_at else "",
        time=format_span(item.starts_at, item.ends_at, event.time_zone) or _("no time stated"),
        room=place.display_name if place else "",
        title=item.display_title,
        others=listed(others),
    )
