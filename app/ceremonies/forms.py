"""Forms of the ceremonies."""

import os
from typing import Any

from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import SelectField
from wtforms.validators import StopValidation

from app.ceremonies.models import CEREMONY_KIND_LABELS, Ceremony
from app.core.config import settings_now
from app.core.forms import HufuForm, LineField, TextField, options
from app.core.i18n import _, _l
from app.core.roles import Actor
from app.events.models import Event
from app.pledges.queries import list_rounds
from app.programme import queries as programme
from app.programme.models import ItemKind

PLACES = {"opening": _l("At the opening"), "closing": _l("At the closing")}


class CeremonyForm(HufuForm):
    kind = SelectField(_l("Kind"), choices=options(CEREMONY_KIND_LABELS))
    title = LineField(_l("Title"), required=True)
    title_local = LineField(_l("Chinese title"))
    session_ref = SelectField(_l("Session"))
    item_ref = SelectField(_l("Agenda item"))
    place_in_programme = SelectField(_l("Place in the programme"), choices=options(PLACES, nothing=_l("Not stated")))
    round_ref = SelectField(_l("Round of pledges"))
    account_of = TextField(_l("What happened"), most=8000)
    account_of_local = TextField(_l("What happened, in Chinese"), most=8000)

    def __init__(self, event: Event, actor: Actor, ceremony: Ceremony | None = None) -> None:
        super().__init__(obj=ceremony)
        self.sessions = {each.ref: each for each in programme.list_sessions(event)}
        items = [each for each in programme.list_items(event, actor) if each.kind == ItemKind.CEREMONY]
        if ceremony is not None and ceremony.item is not None:
            items.append(ceremony.item)
        self.items = {each.ref: each for each in items}
        self.rounds = {each.ref: each for each in list_rounds(event)}
        self.session_ref.choices = record_titles(self.sessions)
        self.item_ref.choices = record_titles(self.items)
        self.round_ref.choices = record_titles(self.rounds)
        if ceremony is not None and not self.is_submitted():
            self.session_ref.data = ceremony.session.ref if ceremony.session else ""
            self.item_ref.data = ceremony.item.ref if ceremony.item else ""
            self.round_ref.data = ceremony.round.ref if ceremony.round else ""

    def act_values(self) -> dict[str, Any]:
        """What add_ceremony and edit_ceremony take."""
        return {
            **self.values("session_ref", "item_ref", "round_ref", "place_in_programme"),
            "place_in_programme": self.place_in_programme.data or None,
            "session": self.sessions.get(self.session_ref.data),
            "item": self.items.get(self.item_ref.data),
            "round": self.rounds.get(self.round_ref.data),
        }


def record_titles(records: dict[str, Any]) -> Any:
    return options({ref: each.display_title for ref, each in records.items()}, nothing=_l("None"))


class PicturesField(MultipleFileField):
    """One photograph or several, each up to what HUFU_UPLOAD_MB allows."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [each for each in valuelist if isinstance(each, FileStorage) and each.filename]

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            raise StopValidation(_("Choose at least one photograph."))
        most = settings_now().upload_mb
        for each in self.data:
            size = each.stream.seek(0, os.SEEK_END)
            each.stream.seek(0)
            if size > most * 1024 * 1024:
                raise StopValidation(
                    _("“%(name)s” is larger than %(max)d MB. Please give a smaller one.", name=each.filename, max=most)
                )


class PhotographsForm(HufuForm):
    files = PicturesField(
        _l("Photographs"),
        description=_l(
            "JPEG or PNG, one or several. What a camera writes beside the picture (where, when) is taken out."
        ),
    )
    caption = LineField(_l("What they show"), most=300)
    caption_local = LineField(_l("What they show, in Chinese"), most=300)


class PhotographForm(HufuForm):
    caption = LineField(_l("What it shows"), most=300)
    caption_local = LineField(_l("What it shows, in Chinese"), most=300)
