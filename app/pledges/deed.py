"""What a pledge says: the data that is frozen and hashed, the sentences that are signed, and the paper made of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.core import clock
from app.core.i18n import _, force_locale, format_day, format_moment, pgettext
from app.documents import labels
from app.documents.markdown import to_typst_blocks
from app.documents.shapes import Pledge as PledgePaper
from app.documents.shapes import Target
from app.people.models import Person, Team
from app.people.queries import own_organization
from app.pledges.models import SLOT_ROLE_LABELS, ObjectiveKind, Pledge, Signature, SignatureSlot, SlotRole
from app.proofs.models import MEANS_LABELS, Means
from app.seals.sealing import CLOSING, Level
from app.signing.models import IssuedDocument
from app.signing.printed import address_of, code_of, head_of

Content = dict[str, Any]
OBJECTIVE = ("target", "metric", "from", "to", "unit", "by", "kind")  # `kind` is committed, where it is not said


def language_of(tag: str) -> str:
    """The language of ours in which a tag such as `zh-Hans` is written."""
    return "zh_Hans_CN" if tag.lower().startswith("zh") else "en"


def name_in(record: Person | Team, language: str) -> str:
    """The name as a text in this language writes it: 郭强 stands under what he promises in Chinese."""
    return (record.name_local if language_of(language) != "en" else None) or record.name


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
        "targets": [{key: each.get(key) or "" for key in OBJECTIVE} for each in pledge.targets],
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
        "assignment": pledge.assignment.label if pledge.assignment else None,
        "replaces": pledge.replaces.label if pledge.replaces else None,
        "sign_by": _iso(pledge.sign_by),
        "is_ordered": pledge.is_ordered,
        "signatories": [
            {
                "place": slot.position,
                "role": slot.role,
                "person": slot.person.ref,
                "name": name_in(slot.person, pledge.language),
                "position": slot.position_title,
                "field": field_of(slot),
            }
            for slot in pledge.slots
        ],
        "frozen_at": _iso(frozen_at),
    }


def field_of(slot: SignatureSlot) -> str:
    """The name of the slot's place in the PDF form."""
    return f"{slot.role}-{slot.position}"


def intent_sentence(role: str, language: str) -> str:
    """The sentence beside the button, in the language of the pledge: signing means exactly this."""
    with force_locale(language_of(language)):
        return {
            SlotRole.PLEDGER: _("I have read this pledge to its end. I give my word for it, of my own free will."),
            SlotRole.WITNESS: _("I have read this pledge to its end. I attest that this word was given."),
            SlotRole.COUNTERSIGNER: _("I have read this pledge to its end. I accept it on behalf of the company."),
        }[SlotRole(role)]


def seal_words(content: Content) -> tuple[str, str]:
    """The two lines of the red seal: the company and the kind of deed, in Chinese where the company has such a name."""
    organization = content.get("organization") or {}
    if organization.get("name_local"):
        return organization["name_local"][:2], "军令状"
    words = (organization.get("name") or content.get("label") or "Hufu").split()
    return words[0][:12], pgettext("document", "Pledge")


def paper_of(document: IssuedDocument, *, level: str = "", root: str = "") -> tuple[PledgePaper, str]:
    """The data of the printed pledge and its language. The same document always gives the same paper.

    `level` is what its signatures will reach, `root` the fingerprint of the company's root; both stand on papers with
    fields, and on none from before there were any.
    """
    content = document.content
    language = language_of(content.get("language") or "en")
    with force_locale(language):
        return _paper(document, content, level, root), language


def _paper(document: IssuedDocument, content: Content, level: str, root: str) -> PledgePaper:
    zone = (content.get("event") or {}).get("time_zone") or "UTC"
    organization = content.get("organization") or {}
    names = (organization.get("name_local"), organization.get("name"))
    address = address_of(document)
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
        "seal": {"upper": upper, "lower": lower} if document.is_complete and not level else None,
        "closing": CLOSING if level else "",
        "proof": proof_sentence(level),
        "root": root,
        "verification": {
            "sentence": _(
                "Anybody can check at %(address)s whether this pledge is complete and unchanged. Its code is %(code)s.",
                address=address, code=document.code,
            ),
            "fingerprint": document.content_hash,
            "qr": code_of(document),
            "address": address,
            "head": head_of(document),
        },
    }  # fmt: skip


def proof_sentence(level: str = "") -> str:
    if level == Level.B:
        return _(
            "Each person named above signs this very file, with a proof given anew; the company's own certificate authority "
            "vouches for who they are (PAdES %(level)s). No licensed authority and no outside clock stands behind it.",
            level=level,
        )
    if level:
        return _(
            "Each person named above signs this very file, with a proof given anew; the company's own certificate authority "
            "vouches for who they are, and a time-stamp authority for when (PAdES %(level)s). No licensed authority stands "
            "behind it.",
            level=level,
        )
    return _(
        "Each person named above signed this very text, signed in and with their password given again. This is the "
        "company's own signature: no licensed authority and no outside clock stands behind it."
    )


def stamp_lines(signature: Signature, zone: str, level: str) -> list[str]:
    """What stands below the name in a signature's field, in the language of the pledge."""
    slot, lines = signature.slot, []
    if signature.person is not None and signature.person_id != slot.person_id:
        lines.append(_("as deputy of %(name)s", name=slot.name))
    how = _("%(means)s, PAdES %(level)s", means=means_label(signature.means), level=level)
    return [*lines, _moment(signature.signed_at.isoformat(), zone), how]


def means_label(means: str) -> str:
    """How somebody proved who they are; what is weaker than a passkey is called so, also in print."""
    return str(MEANS_LABELS[Means(means)]) if means in list(Means) else means


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
    """A row of the printed table: what is measured stands beside the target, the unit beside each figure."""
    target = " · ".join(word for word in (each.get("target"), each.get("metric")) if word)
    if each.get("kind") == ObjectiveKind.ASPIRATIONAL:
        target = f"{target} · {_('An aspiration: it is no part of what is kept or missed.')}"
    figures = {key: f"{each[key]} {each.get('unit') or ''}".strip() if each.get(key) else "" for key in ("from", "to")}
    return {"target": target, "start": figures["from"], "goal": figures["to"], "due": objective_day(each.get("by"))}


def objective_day(by: str | None) -> str:
    """Until when an objective is to be reached: a day of the calendar where it is one, else the words as written."""
    try:
        return format_day(date.fromisoformat(by or ""))
    except ValueError:
        return by or ""


def _slot(each: dict[str, Any], content: Content, zone: str) -> Any:
    signed = next((one for one in content.get("signatures") or [] if one["person"] == each["person"]), None)
    return {
        "role": str(SLOT_ROLE_LABELS[SlotRole(each["role"])]),
        "name": each["name"],
        "position": each.get("position") or "",
        "signed_at": _moment(signed["signed_at"], zone) if signed else "",
        "method": means_label(signed["means"]) if signed else "",
        "field": "" if content.get("signatures") else each.get("field") or "",
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

    @property
    def deputy(self) -> str | None:
        """Who signed here as deputy, under the name that the statement holds."""
        told = self.signature.statement.get("deputy") if self.signature else None
        return told["name"] if told else None


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
    return pledge.deadline is None or deadline_has_passed(pledge)


def assessed_from(pledge: Pledge) -> date | None:
    """The day that brings its assessment: the one after the deadline, else the anniversary of its coming into force."""
    if pledge.deadline is not None:
        return pledge.deadline + timedelta(days=1)
    if pledge.in_force_at is None:
        return None
    began = pledge.event.day_at(pledge.in_force_at)
    return began.replace(year=began.year + 1, day=28 if (began.month, began.day) == (2, 29) else began.day)


def deadline_has_passed(pledge: Pledge) -> bool:
    return pledge.deadline is not None and pledge.deadline < clock.today(pledge.event.time_zone)
