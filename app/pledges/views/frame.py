"""What the pages of pledges share: the blueprint, the way to one pledge, and its document page."""

from flask import Blueprint, abort, render_template, url_for
from flask_login import current_user

from app.core.config import settings_now
from app.core.i18n import _
from app.documents.markdown import to_html
from app.documents.qr import qr_svg
from app.events.models import Event
from app.pledges import deed, papers, policy, queries, signers
from app.pledges.forms import SlotForm
from app.pledges.models import PLEDGE_VERDICT_LABELS, Pledge, PledgeState, PledgeVerdict, SignatureSlot
from app.pledges.services.versions import BEGINNINGS
from app.provenance import queries as provenance
from app.signing import queries as signing
from app.signing.canonical import fingerprint, short
from app.signing.models import IssuedDocument

blueprint = Blueprint("pledges", __name__)
STATE_KINDS = {
    PledgeState.DRAFT: "none",
    PledgeState.OPEN: "live",
    PledgeState.IN_FORCE: "kept",
    PledgeState.REFUSED: "late",
    PledgeState.VOID: "late",
    PledgeState.SUPERSEDED: "none",
    PledgeState.ASSESSED: "kept",
    PledgeState.APPEALED: "risk",
}
JUDGED = [PledgeVerdict.KEPT, PledgeVerdict.PARTLY_KEPT, PledgeVerdict.MISSED]
ENDABLE = (PledgeState.DRAFT, PledgeState.OPEN, PledgeState.REFUSED)
VERDICT_KINDS = {"kept": "kept", "partly_kept": "risk", "missed": "late", "released": "none"}


@blueprint.app_context_processor
def supply() -> dict[str, object]:
    return {"pledge_kind": kind_of}


blueprint.add_app_template_filter(deed.objective_day, "objective_day")


@blueprint.app_template_filter("whole_points")
def whole_points(points: int) -> str:
    """So many hundredths as kept pledges: 250 are 2.5."""
    return f"{points / 100:g}"


def kind_of(pledge: Pledge) -> str:
    """The colour and icon of its state."""
    return VERDICT_KINDS[pledge.verdict] if pledge.verdict else STATE_KINDS[PledgeState(pledge.state)]


def url_of(pledge: Pledge) -> str:
    return url_for("pledges.show", event_ref=pledge.event.ref, pledge_ref=pledge.ref)


def find_pledge(event: Event, pledge_ref: str) -> Pledge:
    return queries.find_visible(current_user, event, pledge_ref) or abort(404)


def may_change(pledge: Pledge) -> bool:
    return pledge.state == PledgeState.DRAFT and policy.may_prepare(current_user, pledge.event)


def _place_of(pledge: Pledge) -> SignatureSlot | None:
    """Where the visitor is asked to decide: in their own place, or as the deputy of somebody else."""
    if pledge.state != PledgeState.OPEN:
        return policy.slot_of(current_user, pledge)
    mine = signers.slots_for(current_user, pledge)
    return next((slot for slot in mine if not slot.is_signed), mine[0] if mine else None)


def _level_of(document: IssuedDocument | None) -> str:
    """What the signatures in the PDF reach, never better than it is."""
    revision = papers.newest(document) if document is not None else None
    return revision.level if revision is not None else ""


def show_pledge(event: Event, pledge: Pledge, form: SlotForm | None) -> str:
    document = pledge.document
    address = settings_now().base_url.rstrip("/") + url_for("signing.verify", code=document.code) if document else ""
    notes = provenance.notes_of(event.ref) if event.source_id else {}
    return render_template(
        "pledges/show.html", event=event, pledge=pledge, form=form, mine=_place_of(pledge),
        check=signing.check(document.code) if document else None, short=short, document=document,
        qr=qr_svg(address, title=_("Code for checking this pledge")) if document else None,
        may_prepare=policy.may_prepare(current_user, event), offered=offered(pledge),
        successor=queries.find_successor(pledge), first_verdict=first_verdict_of(pledge),
        decliner=queries.decliner_of(pledge),
        may_see_evidence=lambda slot: policy.may_see_evidence(current_user, slot),
        may_take_pack=policy.may_take_pack(current_user, pledge), may_erase=policy.may_erase_evidence(current_user), level=_level_of(document),
        note=lambda name: provenance.note(notes, pledge, name), **deed_context(pledge),
    )  # fmt: skip


def first_verdict_of(pledge: Pledge) -> str:
    """What was said before the appeal."""
    if not pledge.first_verdict:
        return ""
    if pledge.first_verdict == PledgeVerdict.PARTLY_KEPT and pledge.first_score is not None:
        return _("Partly kept, %(score)s of 100", score=pledge.first_score)
    return str(PLEDGE_VERDICT_LABELS[PledgeVerdict(pledge.first_verdict)])


def deed_context(pledge: Pledge) -> dict[str, object]:
    """What the deed shows: the frozen content where there is one, never the columns beside it."""
    content = pledge.content or deed.content_of(pledge)
    return {
        "content": content,
        "shown_hash": fingerprint(content),
        "text": to_html(content.get("text") or ""),
        "reward": to_html(content.get("reward") or ""),
        "penalty": to_html(content.get("penalty") or ""),
        "deadline": deed.deadline_of(content),
        "signatories": deed.signatories_of(pledge, content),
        "seal_words": deed.seal_words(content),
        "means_label": deed.means_label,
    }


def possible_verdicts(pledge: Pledge) -> list[PledgeVerdict]:
    """What this visitor could say of the pledge now, but for giving the word back."""
    due = pledge.state == PledgeState.IN_FORCE and deed.due_for_assessment(pledge)
    return JUDGED if due and policy.may_assess(current_user, pledge) else []


def offered(pledge: Pledge) -> set[str]:
    """The acts upon what became of it that are open to this visitor now, by the names of their pages."""
    in_force, judged = pledge.state == PledgeState.IN_FORCE, pledge.state == PledgeState.ASSESSED
    ended = deed.deadline_has_passed(pledge)
    asked = {
        "assess": bool(possible_verdicts(pledge)),
        "release": in_force and not ended and policy.may_release(current_user, pledge),
        "add_evidence": (in_force or pledge.state == PledgeState.APPEALED) and policy.may_prove(current_user, pledge),
        "appeal": judged
        and pledge.verdict != PledgeVerdict.RELEASED
        and pledge.appealed_at is None
        and policy.may_appeal(current_user, pledge),
        "decide_appeal": pledge.state == PledgeState.APPEALED and policy.may_decide_appeal(current_user, pledge),
        "new_edition": (pledge.state in BEGINNINGS and not (in_force and ended))
        and policy.may_prepare(current_user, pledge.event),
        "void": (pledge.state in ENDABLE or (in_force and not ended)) and policy.may_void(current_user, pledge.event),
    }
    return {name for name, is_open in asked.items() if is_open}
