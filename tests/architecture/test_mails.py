"""What is typed is data in every mail (IN8): no markup, no link of a stranger, nothing but text."""

import re
from email.message import EmailMessage

from sqlalchemy import select

from app.core.db import db
from app.mail.delivery import compose
from app.mail.models import MailMessage
from tests.architecture.driving import TEXTS, Drive

EVIL = "[click](https://evil.example/a) <b>bold</b> <a href=https://evil.example/b>here</a>"
ADDRESSES = re.compile(r"""(?:href|src|action)\s*=\s*["']?([^"'\s>]+)|url\(([^)]+)\)""", re.IGNORECASE)


def mails_of_every_form(drive: Drive) -> dict[str, list[EmailMessage]]:
    """Each form, sent with the same words in all its texts, and the mails that it made."""
    found = {}
    for number, form in enumerate(drive.forms):
        texts = {name: EVIL for name in form.of_kind(*TEXTS) if not re.search("email|url|zone|code", name)}
        answer = drive.send(form, form.filled() | texts, intent=f"mail-{number}")
        if answer.status_code == 303:
            with drive.walk.app.app_context():
                new = db.session.scalars(select(MailMessage).where(MailMessage.kind != "test")).all()
                if new:
                    found[str(form)] = [compose(each) for each in new]
                db.session.remove()
            drive.walk.restore()
    return found


def test_what_is_typed_is_text_in_every_mail_and_links_are_only_ours(drive: Drive) -> None:
    with drive.walk.app.app_context():
        ours = drive.walk.app.extensions["hufu_settings"].base_url
    drive.walk.restore()
    found, quoted = mails_of_every_form(drive), 0
    for form, mails in found.items():
        for mail in mails:
            texts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
            assert texts, form
            for part in texts:
                words = part.get_content()
                quoted += EVIL in words
                if part.get_content_subtype() == "html":
                    assert "<b>bold" not in words, f"{form}: {words}"
                    assert EVIL.split("<")[0] not in re.sub("<[^>]*>", "", words) or "&lt;b&gt;" in words, form
                    for address in (one or two for one, two in ADDRESSES.findall(words)):
                        assert address.startswith((ours, "cid:", "mailto:", "#")), f"{form}: a link to {address}"
                elif part.get_content_subtype() == "plain":
                    without = words.replace(EVIL, "")
                    for address in re.findall(r"https?://[^\s>)]+", without):
                        assert address.startswith(ours) or "evil.example" in address, f"{form}: a link to {address}"
                    assert "](http" not in without, f"{form}: {words}"
    assert len(found) >= 8, sorted(found)
    assert quoted >= 3, "hardly a mail quotes what was typed"
