"""How long it takes to walk along a log of 100,000 rows, and to judge one evidence pack.

    python -m tests.load.log_verify [rows]

Builds the log in a throwaway SQLite database by the product's own writer, walks along it as `hufu audit verify` does, and
prints the seconds of each.
"""

import sys
import tempfile
import time
from pathlib import Path

from app.certificates.making import fingerprint
from app.core import audit
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.ledger import queries, services
from app.packs.reading import verify
from tests.conftest import build
from tests.factories import make_event
from tests.factories.packs import make_case
from tests.factories.sealing import FROZEN_AT

AT_ONCE = 1000


def fill(rows: int) -> float:
    with unit_of_work():
        event = make_event(title="年会")
    began = time.perf_counter()
    for start in range(0, rows, AT_ONCE):
        with unit_of_work():
            for number in range(start, min(start + AT_ONCE, rows)):
                audit.record(
                    SYSTEM, "event.changed", event, reason=f"第{number}次", number=number, words=["战略", None]
                )
        with unit_of_work():
            services.make_checkpoint()
    return time.perf_counter() - began


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = build(Path(folder))
        with app.app_context():
            db.create_all()
            took = fill(rows)
            print(f"written, with {rows // AT_ONCE} checkpoints: {took:.1f} s for {rows} rows")
            began = time.perf_counter()
            found = queries.examine()
            took = time.perf_counter() - began
            assert found.is_whole, found
            assert found.holds is not None
            print(
                f"walked: {took:.1f} s for {found.rows} rows, {found.checkpoints} checkpoints; whole, bound to row {found.holds.seq}"
            )
            db.session.remove()
            db.engine.dispose()
    case = make_case()
    pack, root = case.written(), case.house.root
    times = []
    for _each in range(10):
        began = time.perf_counter()
        outcome = verify(pack, root=fingerprint(root.certificate), at=FROZEN_AT)
        times.append(time.perf_counter() - began)
    print(f"an evidence pack with five signatures: {sorted(times)[5]:.2f} s, {outcome.verdict}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
