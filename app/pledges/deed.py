"""What a pledge says: the data that is frozen and hashed, the sentences that are signed, and the paper made of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.core import clock
from app.core.config import settings_now
from app.core.i18n import _, force_locale, format_day, format_moment, pgettext
from app.documents import labels
from app.documents.markdown import to_typst_blocks
from app.documents.shapes import Pledge as PledgePaper
from app.documents.shapes import Target
from app.people.queries import own_organization
from app.pledges.models import SLOT_ROLE_LABELS, Pledge, Signature, SignatureSlot, SlotRole
from app.signing.models import IssuedDocument

Content = dict[str, Any]


def language_of(tag: str) -> str:
    """The language of ours in which a tag such as `zh-Hans` is written."""
    return "zh_Hans_CN" if tag.lower().startswith("zh") else "en"


def content_of(pledge: Pledge, frozen_at: datetime | None = None) -> Content:
    """The canonical data: everything that a signature means, the people who have to sign among it (rule 22)."""
    organization = pledge.event.host or own_organization()
    return {
        "document": "pledge",
        "pledge": pledge.ref,
        "label": pledge.label,
        "edition": pledge.edition,
        "language": pledge.language,
        "title": pledge.title,
        "text": pledge.text,
        "targets": [{key: each.get(key) or "" for key in ("target", "from", "to", "by")} for each in pledge.targets],
        "deadline": _iso(pledge.deadline),
        "reward": pledge.reward,
        "penalty": pledge.penalty,
        "organization": {"name": organization.name, "name_local": organization.name_local} if organization else None,
        "event": {
            "ref": pledge.event.ref,
            "title": pledge.event.title,
            "title_local": pledge.event.title_local,
            "time_zone": pledge.event.time_zone,
        },
        "round": pledge.round.title if pledge.round else None,
        "team": pledge.team.name if pledge.team else None,
        "campaign": pledge.campaign.label if pledge.campaign else None,
        "signatories": [
            {
                "place": slot.position,
                "role": slot.role,
                "person": slot.person.ref,
                "name": slot.name,
                "position": slot.position_title,
            }
            for slot in pledge.slots
        ],
        "frozen_at": _iso(frozen_at),
    }


def intent_sentence(role: str, language: str) -> str:
    """The sentence beside the button, in the language of the pledge: signing means exactly this."""
    with force_locale(language_of(language)):
        return {
            SlotRole.PLEDGER: _("I have read this pledge to its end. I give my word for it, of my own free will."),
            SlotRole.WITNESS: _("I have read this pledge to its end. I attest that this word was given."),
            SlotRole.COUNTERSIGNER: _("I have read this pledge to its end. I accept it on behalf of the company."),
        }[SlotRole(role)]


def issued_content(pledge: Pledge) -> Content:
    """What the issued document holds: the frozen text, and who signed it when."""
    return {
        **(pledge.content or {}),
        "content_hash": pledge.content_hash,
        "signatures": [
            {
                "place": slot.position,
                "role": slot.role,
                "person": slot.person.ref,
                "name": slot.name,
                "signed_at": slot.signature.statement["at"],
                "means": slot.signature.means,
                "statement_hash": slot.signature.statement_hash,
            }
            for slot in pledge.slots
            if slot.signature is not None
        ],
    }


def seal_words(content: Content) -> tuple[str, str]:
    """The two lines of the red seal: the company and the kind of deed, in Chinese where the company has such a name."""
    organization = content.get("organization") or {}
    if organization.get("name_local"):
        return organization["name_local"][:2], "军令状"
    words = (organization.get("name") or content.get("label") or "Hufu").split()
    return words[0][:12], pgettext("document", "Pledge")


def paper_of(document: IssuedDocument) -> tuple[PledgePaper, str]:
    """The data of the printed pledge and its language. The same document always gives the same paper."""
    content = document.content
    language = language_of(content.get("language") or "en")
    with force_locale(language):
        return _paper(document, content), language


def _paper(document: IssuedDocument, content: Content) -> PledgePaper:
    zone = (content.get("event") or {}).get("time_zone") or "UTC"
    organization = content.get("organization") or {}
    names = (organization.get("name_local"), organization.get("name"))
    address = f"{settings_now().base_url.rstrip('/')}/verify/{document.code}"
    upper, lower = seal_words(content)
    return {
        "document": {"title": content.get("title") or document.title, "dated": document.issued_at.date().isoformat()},
        "organization": next((name for name in (names if content.get("language") != "en" else names[::-1]) if name), ""),
        "classification": pgettext("classification", "Internal"),
        "labels": labels.pledge_labels(),
        "number": content.get("label") or "",
        "version": _("Version %(number)s", number=document.edition),
        "frozen_at": _moment(content.get("frozen_at"), zone),
        "text": _blocks(content),
        "targets": [_target(each) for each in content.get("targets") or []],
        "deadline": format_day(deadline_of(content)),
        "slots": [_slot(each, content, zone) for each in content.get("signatories") or []],
        "seal": {"upper": upper, "lower": lower} if document.is_complete else None,
        "proof": proof_sentence(),
        "verification": {
            "sentence": _(
                "Anybody can check at %(address)s whether this pledge is complete and unchanged. Its code is %(code)s.",
                address=address, code=document.code,
            ),
            "fingerprint": document.content_hash,
            "qr": address,
        },
    }  # fmt: skip


def proof_sentence() -> str:
    return _(
        "Each person named above signed this very text, signed in and with their password given again. This is the "
        "company's own signature: no licensed authority and no outside clock stands behind it."
    )


def means_label(means: str) -> str:
    return {"password": _("with password")}.get(means, means)


def _blocks(content: Content) -> list[dict[str, Any]]:
    blocks = to_typst_blocks(content.get("text") or "")
    for name, heading in (
        ("reward", _("If the pledge is kept")),
        ("penalty", _("If the pledge is missed")),
    ):
        if content.get(name):
            blocks += [{"type": "heading", "level": 1, "inline": [{"type": "text", "text": heading}]}]
            blocks += to_typst_blocks(content[name])
    return blocks


def _target(each: dict[str, str]) -> Target:
    words = {key: each.get(key) or "" for key in ("target", "from", "to", "by")}
    return {"target": words["target"], "start": words["from"], "goal": words["to"], "due": words["by"]}


def _slot(each: dict[str, Any], content: Content, zone: str) -> Any:
    signed = next((one for one in content.get("signatures") or [] if one["person"] == each["person"]), None)
    return {
        "role": str(SLOT_ROLE_LABELS[SlotRole(each["role"])]),
        "name": each["name"],
        "position": each.get("position") or "",
        "signed_at": _moment(signed["signed_at"], zone) if signed else "",
        "method": means_label(signed["means"]) if signed else "",
    }


def _moment(iso: str | None, zone: str) -> str:
    return f"{format_moment(datetime.fromisoformat(iso), zone)} ({zone})" if iso else ""


def _iso(value: date | datetime | None) -> str | None:
    return value.isoformat() if value is not None else None


@dataclass(frozen=True)
class Signatory:
    """A place for a signature as the frozen text names it, with what has come of it."""

    name: str
    role: str
    position: str | None
    slot: SignatureSlot | None

    @property
    def signature(self) -> Signature | None:
        return self.slot.signature if self.slot else None


def signatories_of(pledge: Pledge, content: Content) -> list[Signatory]:
    by_person = {slot.person.ref: slot for slot in pledge.slots}
    return [
        Signatory(
            name=each["name"],
            role=str(SLOT_ROLE_LABELS[SlotRole(each["role"])]),
            position=each.get("position"),
            slot=by_person.get(each["person"]),
        )
        for each in content.get("signatories") or []
    ]


def deadline_of(content: Content) -> date | None:
    return date.fromisoformat(content["deadline"]) if content.get("deadline") else None


def due_for_assessment(pledge: Pledge) -> bool:
    """Whether the deadline lies behind us, where the event is at home. Without a deadline it always may be assessed."""
    return pledge.deadline is None or pledge.deadline < clock.today(pledge.event.time_zone)
