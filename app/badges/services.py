"""What the organizer can do: say how cards look, and have them printed. Certificates come from the record of attendance."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app.badges import papers, policy, queries
from app.badges.errors import NothingToPrint, TooManyPrints
from app.badges.layouts import PLACEHOLDERS, Layout, check_fits
from app.badges.models import BadgeKind, BadgeLayout, PrintRun
from app.badges.placeholders import refusal
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _, listed
from app.core.jobs import later
from app.core.roles import Actor
from app.documents.render import unprintable
from app.events.models import Event
from app.registration.models import Registration
from app.signing import services as signing
from app.signing.models import IssuedDocument

AT_ONCE = 1000  # cards in one file; more come in several
SMALL = 300  # so many are made while the browser waits, in a second or two; more after the answer
MOST_TABLES = 500
MINUTE = timedelta(minutes=1)
PER_MINUTE = 6  # orders of one person; a file costs a processor some seconds


def change_layout(event: Event, layout: Layout, *, actor: Actor, version: int | None = None) -> BadgeLayout:
    """How one kind of card looks from now on; what was printed in the old look needs printing again."""
    require(policy.may_print(actor, event))
    check_fits(layout)
    for name in ("line", "signed_by"):
        wrong = refusal(getattr(layout, name), PLACEHOLDERS[layout.kind] if name == "line" else ())
        if wrong:
            raise Refused(wrong, field=name)
        missing = unprintable(getattr(layout, name))
        if missing:
            raise Refused(_("No font here has a picture of %(signs)s.", signs=listed(missing)), field=name)
    record = queries.find_record(event, layout.kind)
    if record is None:
        record = BadgeLayout(event=event, kind=layout.kind, settings={})
        db.session.add(record)
        db.session.flush()
        version = None
    changes = edit(record, version=version, settings=layout.stored())
    if changes:
        audit.record(actor, "badge_layout.changed", record, scope=event, kind=layout.kind, changes=changes)
    return record


def order(
    event: Event, kind: BadgeKind, *, actor: Actor, who: str = "needed", refs: Sequence[str] = (), start: int = 0
) -> list[PrintRun]:
    """Have the cards of these people printed: `all`, `needed`, or `chosen` (refs of their registrations).

    Who has a character in the name that no font can print is left out; the page before has named them.
    """
    require(policy.may_print(actor, event))
    cards = queries.choose(queries.standing_of(event, kind), who, refs)
    without = queries.unprintable_of(cards)
    wanted = [each.ref for each in cards if each.ref not in without]
    if not wanted:
        raise NothingToPrint(_("Nobody of them has a card to be printed."))
    return _order(event, kind, wanted, start, actor, who=who, left_out=len(cards) - len(wanted))


def order_tables(event: Event, first: int, last: int, *, actor: Actor, start: int = 0) -> list[PrintRun]:
    """Have the numbers from the first to the last table printed."""
    require(policy.may_print(actor, event))
    if last < first:
        raise Refused(_("The last table cannot come before the first."), field="last")
    if last - first >= MOST_TABLES:
        raise Refused(_("At most %(most)d tables at once, please.", most=MOST_TABLES), field="last")
    numbers = [str(each) for each in range(first, last + 1)]
    return _order(event, BadgeKind.TABLE, numbers, start, actor, who="tables", left_out=0)


def _order(
    event: Event, kind: BadgeKind, wanted: Sequence[str], start: int, actor: Actor, **told: Any
) -> list[PrintRun]:
    _check_rate(actor)
    runs = []
    for at in range(0, len(wanted), AT_ONCE):
        part = list(wanted[at : at + AT_ONCE])
        begins = max(0, start) if at == 0 else 0
        run = PrintRun(event=event, kind=kind, wanted=part, start=begins, by_id=actor.id, by_name=actor.name)
        db.session.add(run)
        db.session.flush()
        audit.record(actor, "badges.printed", run, scope=event, kind=kind, cards=len(part), **told)
        runs.append(run)
    if len(runs) > 1 or len(wanted) > SMALL:
        for run in runs:
            later("print_cards", run_ref=run.ref)
    return runs


def _check_rate(actor: Actor) -> None:
    since = clock.now() - MINUTE
    asked = select(func.count(PrintRun.id)).where(PrintRun.by_id == actor.id, PrintRun.created_at > since)
    if (db.session.scalar(asked) or 0) >= PER_MINUTE:
        raise TooManyPrints(_("Many files are being made already. Please print the next one in a minute."))


def certificate(registration: Registration, *, half_days: Sequence[str], actor: Actor) -> IssuedDocument:
    """Issue the certificate of attendance of one person, with a code that anybody can check.

    `half_days` are the attended ones, as keys such as `2027-01-12/am`. Issuing the same once more gives the same
    document; other half-days, another name or another layout give a new edition, and the old one says so.
    """
    event = registration.event
    require(policy.may_print(actor, event))
    if not half_days:
        raise Refused(_("%(name)s was not there: nothing can be certified.", name=registration.person.display_name))
    layout = queries.layout_of(event, BadgeKind.CERTIFICATE)
    content = papers.certificate_content(registration, layout, half_days, clock.today(event.time_zone))
    standing = queries.find_certificate(registration)
    if standing is not None and {**standing.content, "issued_on": ""} == {**content, "issued_on": ""}:
        return standing
    asked = select(func.max(IssuedDocument.edition)).where(IssuedDocument.subject_ref == registration.ref)
    document = signing.issue(
        BadgeKind.CERTIFICATE,
        title=f"{content['event']}: {content['name']}",
        subject_ref=registration.ref,
        edition=(db.session.scalar(asked) or 0) + 1,
        content=content,
    )
    audit.record(actor, "certificate.issued", registration, scope=event, half_days=len(half_days), code=document.code)
    return document


def withdraw_certificate(registration: Registration, *, actor: Actor, reason: str) -> None:
    """The certificate is void, and the page that checks it says so."""
    require(policy.may_print(actor, registration.event))
    if queries.find_certificate(registration) is None:
        raise Refused(_("There is no certificate to withdraw."))
    signing.withdraw(registration.ref)
    audit.record(actor, "certificate.withdrawn", registration, scope=registration.event, reason=reason)
