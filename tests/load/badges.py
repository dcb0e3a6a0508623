"""How long a thousand badges take, on how many pages, and whether every text stays in its box.

    python -m tests.load.badges [--cards 1000]

The names are of four scripts, mixtures of them, sixty characters long, or markup. Measured twice: by the typesetter while
it sets them, and, where poppler is installed, by another reader in the finished file.
"""

import argparse
import io
import resource
import shutil
import tempfile
import time
from pathlib import Path

from pypdf import PdfReader

from app.badges import printing, queries, services
from app.badges.layouts import DEFAULTS
from app.badges.models import BadgeKind
from app.core import logs
from app.core.db import db, unit_of_work
from app.documents.render import measure, render_pdf
from tests import cast as the_cast
from tests.badges.names import many
from tests.badges.test_sheets import BADGE, PATIENCE, boxes, card, inside, paper_of
from tests.conftest import build
from tests.factories.registration import make_crowd, make_open_event


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cards", type=int, default=1000)
    number = asked.parse_args().cards
    logs.configure("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        sheets(number, Path(folder))
        acts(number, Path(folder))


def processor() -> float:
    """Seconds that the processor gave to our child processes so far."""
    told = resource.getrusage(resource.RUSAGE_CHILDREN)
    return told.ru_utime + told.ru_stime


def sheets(number: int, folder: Path) -> None:
    """The typesetter alone: 1,000 awkward names."""
    app = build(folder / "sheets")
    with app.app_context():
        db.create_all()
        with unit_of_work():
            the_cast.settle()
        paper = paper_of(app, BADGE, [card(name, other) for name, other in many(number)])
    begun = time.monotonic()
    told = measure(*paper, lang="en", patience=PATIENCE)
    measured = time.monotonic() - begun
    over = [each for each in told if any(b[0] > b[2] + 0.01 or b[1] > b[3] + 0.01 for b in each["boxes"])]
    begun = time.monotonic()
    before = processor()
    file = render_pdf(*paper, lang="en", patience=PATIENCE)
    seconds, worked = time.monotonic() - begun, processor() - before
    pages = len(PdfReader(io.BytesIO(file)).pages)
    print(f"{number} cards looked over in {measured:.1f} s: {len(over)} run over their boxes,")
    print(f"  {sum(bool(each['small']) for each in told)} are named as smaller than the layout wants")
    print(
        f"{number} cards set in {seconds:.1f} s, {worked:.1f} s of processor: {pages} pages (said: {BADGE.pages_for(number)}), {len(file) // 1024} KiB"
    )
    if shutil.which("pdftotext"):
        words = boxes(file, folder)
        outside = [
            each
            for each in words
            if not inside(each[1], each[3], BADGE.left, BADGE.width, BADGE.width, 0.3)
            or not inside(each[2], each[4], BADGE.top, BADGE.height, BADGE.height, 2.5)
        ]
        print(f"poppler: {len(words)} words, {len(outside)} outside of their cards")


def acts(number: int, folder: Path) -> None:
    """The whole way: the list of the organizer, the order, the file, what is noted of each person."""
    app = build(folder / "acts")
    with app.app_context():
        db.create_all()
        with unit_of_work():
            the_cast.settle()
        olaf = the_cast.load().olaf
        event = make_open_event(title="Winter Session")
        make_crowd(event, number)
        begun = time.monotonic()
        standing = queries.standing_of(event, BadgeKind.BADGE)
        print(f"who needs a card, of {len(standing.cards)}: {time.monotonic() - begun:.2f} s")
        begun = time.monotonic()
        with unit_of_work():
            runs = services.order(event, BadgeKind.BADGE, actor=olaf)
        for each in runs:
            printing.print_cards(each.ref)
        seconds = time.monotonic() - begun
        pages = sum(each.pages or 0 for each in runs)
        print(f"ordered, made and noted: {seconds:.1f} s, {pages} pages in {len(runs)} files")
        again = queries.standing_of(event, BadgeKind.BADGE).needed
        print(f"needed afterwards: {len(again)} ({DEFAULTS[BadgeKind.BADGE].per_sheet} cards a sheet)")


if __name__ == "__main__":
    main()
