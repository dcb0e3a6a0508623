"""Files that go with minutes. They are part of what is signed: they come and go while a text is under work."""

from typing import BinaryIO

from app.core import audit
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.files import services as files
from app.minutes import extracts, policy
from app.minutes.errors import SectionGone
from app.minutes.models import Attachment, Minutes, Section
from app.minutes.services.stages import touched, writable

MOST = 50


def attach(
    minutes: Minutes, stream: BinaryIO, name: str, *, actor: Actor, title: str | None = None, clearance: int | None = None,
    section: Section | None = None,
) -> Attachment:  # fmt: skip
    """Put a file with the text under work, or with one section of it. It is at least as confidential as its section;
    without a classification it is as confidential as that, or as the gathering's minutes usually are."""
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    if section is not None and section not in newest.sections:
        raise SectionGone(_("This section has gone. Choose another one, or none."), field="section")
    if len(extracts.attached(newest)) >= MOST:
        raise Refused(_("There are %(most)s files already. Take one away first.", most=MOST), field="file")
    least = policy.usual_clearance(minutes.event) if section is None else section.clearance
    stored = files.store_upload(stream, name, actor=actor)
    attachment = Attachment(
        minutes=minutes, title=(title or stored.name)[:200], file=stored, from_number=newest.number,
        section_origin=section.origin if section is not None else None,
        clearance=least if clearance is None else max(clearance, least if section is not None else clearance),
    )  # fmt: skip
    db.session.add(attachment)
    touched(newest, actor)
    db.session.flush()
    audit.record(actor, "minutes.file_attached", attachment, clearance=attachment.clearance)
    return attachment


def detach(attachment: Attachment, *, actor: Actor) -> None:
    """Take a file away from the text under work. Versions that were approved with it keep it."""
    minutes = attachment.minutes
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    audit.record(actor, "minutes.file_taken_away", attachment, version=newest.number)
    if attachment.from_number == newest.number:
        minutes.attachments.remove(attachment)
        db.session.delete(attachment)
        db.session.flush()
        files.drop(attachment.file)
    else:
        attachment.until_number = newest.number
    touched(newest, actor)
