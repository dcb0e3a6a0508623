"""Making the files that were ordered: small ones at once, large ones after the answer, forgotten ones by the minute."""

from datetime import timedelta

from sqlalchemy import select

from app.badges import papers, queries
from app.badges.models import BadgeKind, Printed, PrintRun
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.i18n import _, format_day
from app.core.jobs import every_minute, job, one_by_one
from app.core.logs import log
from app.core.roles import SYSTEM
from app.files import services as files
from app.files.models import StoredFile

FORGOTTEN = timedelta(minutes=2)
KEPT = timedelta(days=2)  # a sheet of badges is personal data; the run itself stays


@job
def print_cards(run_ref: str) -> None:
    """Make the file of one run, and note for each person what was printed. Doing it twice changes nothing.

    The file is set outside of the unit of work, so that nobody waits for it; what stands on the cards and what is noted
    of them is the same reading.
    """
    run = db.session.scalar(select(PrintRun).where(PrintRun.ref == run_ref))
    if run is None or run.made_at is not None or run.failed is not None:
        return
    event, kind = run.event, BadgeKind(run.kind)
    layout = queries.layout_of(event, kind)
    if kind == BadgeKind.TABLE:
        cards = papers.table_cards(event, layout, run.wanted)
    else:
        cards = queries.choose(queries.standing_of(event, kind, layout), "chosen", run.wanted)
    try:
        if not cards:
            raise Refused(_("Nobody of them has a place any more."))
        paper = papers.draw_pdf(event, layout, cards, start=run.start)
    except Refused as refusal:
        log.warning("cards not printed", run=run_ref, why=str(refusal.sentence))
        with unit_of_work():
            run.failed = str(refusal.sentence)
        return
    with unit_of_work():
        if run.made_at is not None:
            return
        name = f"{run.kind} {format_day(event.day_at(run.created_at))}.pdf"
        run.file = files.store(paper, name, "application/pdf", actor=SYSTEM)
        run.pages = layout.pages_for(len(cards), run.start)
        run.made_at = clock.now()
        if kind != BadgeKind.TABLE:
            db.session.add_all(
                Printed(
                    event_id=run.event_id, registration_id=each.registration_id, run_id=run.id, kind=run.kind,
                    digest=each.digest, by_id=run.by_id,
                )
                for each in cards
            )  # fmt: skip


@every_minute
def print_forgotten_cards() -> None:
    """What was ordered before the process ended, or could not be queued."""
    waiting = select(PrintRun.ref).where(
        PrintRun.made_at.is_(None), PrintRun.failed.is_(None), PrintRun.created_at < clock.now() - FORGOTTEN
    )
    one_by_one(print_cards, db.session.scalars(waiting.order_by(PrintRun.id)).all())


@every_minute
def forget_printed_files() -> None:
    """The sheets of two days ago are on paper by now."""
    old = select(PrintRun).where(PrintRun.file_id.is_not(None), PrintRun.made_at < clock.now() - KEPT).limit(50)
    if db.session.scalar(old) is None:
        return
    with unit_of_work():
        gone = []
        for run in db.session.scalars(old).all():
            gone.append(run.file_id)
            run.file = None
        db.session.flush()
        for stored in db.session.scalars(select(StoredFile).where(StoredFile.id.in_(gone))).all():
            files.drop(stored)
