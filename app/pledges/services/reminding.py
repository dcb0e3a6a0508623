"""What time does to pledges: signatories are reminded, what not all have signed expires, and old evidence is erased."""

from datetime import timedelta

from app.core import clock
from app.core.db import unit_of_work
from app.core.i18n import _, force_locale, format_day, ngettext
from app.core.jobs import every_minute
from app.core.roles import SYSTEM
from app.events.models import Audience
from app.pledges import deed, queries, telling
from app.pledges.models import Pledge, PledgeState, Signature
from app.pledges.services.outcome import end
from app.pledges.services.signing import erase_evidence
from app.pledges.services.stages import hold

REMIND_BEFORE = (7, 2, 0)  # days before the last day to sign


@every_minute
def end_unsigned_pledges() -> None:
    """What was not signed by all until the end of the last day for it binds nobody."""
    now = clock.now()
    for pledge in queries.list_to_be_signed(now):
        if pledge.sign_by is not None and pledge.sign_by < pledge.event.day_at(now):
            with unit_of_work():
                expire(pledge)


def expire(pledge: Pledge) -> None:
    """Its number is never given again; a new version may begin."""
    hold(pledge)
    today = clock.today(pledge.event.time_zone)
    if pledge.state != PledgeState.OPEN or pledge.sign_by is None or pledge.sign_by >= today:
        return
    with force_locale(deed.language_of(pledge.language)):
        reason = _("Not everybody had signed it by %(day)s.", day=format_day(pledge.sign_by))
    end(pledge, actor=SYSTEM, reason=reason, deed_name="expired")


@every_minute
def remind_signatories() -> None:
    """Whoever has neither signed nor declined, and their deputies, hear of it once for each of the days of
    `REMIND_BEFORE`. Who could not be told while the machine rested is told of the nearest one only."""
    now = clock.now()
    waiting = [
        telling.Reminder(slot, stage)
        for pledge in queries.list_to_be_signed(now)
        if (stage := _stage(pledge)) is not None
        for slot in pledge.slots
        if not slot.is_signed and slot.refused_at is None
    ]
    # Whom a restricted gathering does not know, it tells nothing: their deputies were asked when it was opened.
    stages = {each.slot: each.stage for each in waiting if each.slot.event.audience != Audience.RESTRICTED}
    waiting += [telling.Reminder(slot, stages[slot], deputy) for slot, deputy in telling.deputies_of(list(stages))]
    for reminder in telling.not_told_yet(waiting):
        with unit_of_work():
            telling.remind_to_sign(reminder)


def _stage(pledge: Pledge) -> int | None:
    """Which of the reminders is due; none on the day on which everybody was asked."""
    now = clock.now()
    if pledge.sign_by is None or (pledge.opened_at is not None and now - pledge.opened_at < timedelta(days=1)):
        return None
    left = (pledge.sign_by - pledge.event.day_at(now)).days
    return min((each for each in REMIND_BEFORE if 0 <= left <= each), default=None)


@every_minute
def erase_old_evidence() -> None:
    """Address, browser and drawn mark go when the time is over for which the template of the pledge keeps them."""
    old = queries.list_old_evidence(clock.now())
    if old:
        with unit_of_work():
            for signature in old:
                erase_evidence(signature, actor=SYSTEM, reason=_kept_long_enough(signature))


def _kept_long_enough(signature: Signature) -> str | None:
    pledge = signature.slot.pledge
    if pledge.template is None or pledge.template.evidence_months is None:
        return None
    with force_locale(deed.language_of(pledge.language)):
        return ngettext(
            "Its template keeps it for %(num)d month.", "Its template keeps it for %(num)d months.",
            pledge.template.evidence_months,
        )  # fmt: skip
