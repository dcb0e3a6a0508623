"""Photographs of a ceremony: without what a camera writes beside the picture, in an order, with words below."""

import io
from typing import BinaryIO

from sqlalchemy import select

from app.ceremonies import policy, queries
from app.ceremonies.errors import NoPhotograph, TooManyPhotographs
from app.ceremonies.models import Ceremony, Photograph
from app.core import audit
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.files import services as files
from app.speakers.pictures import cleaned
from app.stage import services as stage

MOST = 200
ENDINGS = (".png", ".jpg", ".jpeg")


def add_photograph(
    ceremony: Ceremony,
    stream: BinaryIO,
    name: str,
    *,
    actor: Actor,
    caption: str | None = None,
    caption_local: str | None = None,
) -> Photograph:
    require(policy.may_record(actor, ceremony.event))
    _hold(ceremony)
    if not name.lower().endswith(ENDINGS):
        raise NoPhotograph(_("Please give a photograph as JPEG or PNG."), field="files")
    count = queries.count_photographs(ceremony)
    if count >= MOST:
        raise TooManyPhotographs(_("A ceremony shows at most %(most)d photographs.", most=MOST), field="files")
    stream.seek(0)  # the form has looked at it
    picture = cleaned(stream.read(), field="files")
    stored = files.store_upload(io.BytesIO(picture), name, actor=actor)
    made = Photograph(ceremony=ceremony, file=stored, position=count + 1, caption=caption, caption_local=caption_local)
    db.session.add(made)
    db.session.flush()
    stage.redraw_ceremony(ceremony.id)
    audit.record(actor, "photograph.added", made, ceremony=ceremony, sha256=stored.sha256)
    return made


def edit_photograph(
    photograph: Photograph, *, actor: Actor, caption: str | None, caption_local: str | None, version: int | None = None
) -> None:
    require(policy.may_record(actor, photograph.event))
    changes = edit(photograph, version=version, caption=caption, caption_local=caption_local)
    if changes:
        stage.redraw_ceremony(photograph.ceremony_id)
        audit.record(actor, "photograph.changed", photograph, fields=sorted(changes))


def move_photograph(photograph: Photograph, *, actor: Actor, down: bool = False) -> None:
    """One place forwards, or with `down` one place back; at the end nothing happens."""
    require(policy.may_record(actor, photograph.event))
    _hold(photograph.ceremony)
    order = list(queries.list_photographs(photograph.ceremony))
    at = order.index(photograph)
    to = at + 1 if down else at - 1
    if not 0 <= to < len(order):
        return
    order[at], order[to] = order[to], order[at]
    _number(order)
    stage.redraw_ceremony(photograph.ceremony_id)
    audit.record(actor, "photograph.moved", photograph, position=to + 1)


def remove_photograph(photograph: Photograph, *, actor: Actor) -> None:
    require(policy.may_record(actor, photograph.event))
    ceremony = photograph.ceremony
    _hold(ceremony)
    audit.record(actor, "photograph.removed", photograph, ceremony=ceremony)
    db.session.delete(photograph)
    db.session.flush()
    files.drop(photograph.file)
    _number(list(queries.list_photographs(ceremony)))
    stage.redraw_ceremony(ceremony.id)


def _number(order: list[Photograph]) -> None:
    for position, each in enumerate(order, start=1):
        each.position = position
    db.session.flush()


def _hold(ceremony: Ceremony) -> None:
    db.session.execute(select(Ceremony.id).where(Ceremony.id == ceremony.id).with_for_update())
