"""What a page of a list costs when 10,000 people have registered: statements and time of the server's work, no network.

python -m tests.load.lists
"""

import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event as sqlalchemy_event

from tests.load.product import PASSWORD, Product, address

MANY = 10_000


def report(say: Callable[[str], None] = print, *, times: int = 21) -> None:
    from app.core.db import db
    from app.core.roles import SYSTEM
    from app.events.queries import select_visible
    from tests.factories.registration import make_crowd

    with tempfile.TemporaryDirectory(prefix="hufu-lists-") as folder:
        product = Product()
        product.prepare(f"sqlite:///{folder}/lists.db", Path(folder), [100_000])
        app, said = product.app(), []
        with app.app_context():

            @sqlalchemy_event.listens_for(db.engine, "before_cursor_execute")
            def count(_line: Any, _cursor: Any, statement: str, *_more: Any) -> None:
                if not statement.startswith(("BEGIN", "PRAGMA")):
                    said.append(statement)

            event = db.session.scalars(select_visible(SYSTEM)).one()
            make_crowd(event, MANY - 500)
            ref = event.ref
        browser = app.test_client()
        form = browser.get("/sign-in").text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        browser.post("/sign-in", data={**hidden, "email": address(0), "password": PASSWORD})
        for words, path in (
            ("registrations, 50 a page", f"/events/{ref}/registrations"),
            ("registrations, 500 a page", f"/events/{ref}/registrations?per_page=500"),
            ("registrations, a search", f"/events/{ref}/registrations?q=crowd"),
            ("directory, 50 a page", "/people"),
            ("door, a search", f"/events/{ref}/door?q=crowd"),
        ):
            taken, asked = [], 0
            for _each in range(times):
                said.clear()
                began = time.perf_counter()
                answer = browser.get(path)
                taken.append(1000 * (time.perf_counter() - began))
                asked = len(said)
                if answer.status_code != 200:
                    raise RuntimeError(f"{path} answered {answer.status_code}")
            worst = sorted(taken)[int(0.95 * (len(taken) - 1))]
            say(f"{MANY:,} people: {words}: {asked} statements, {median(taken):.1f} ms, p95 {worst:.1f} ms")
        with app.app_context():
            db.engine.dispose()


if __name__ == "__main__":
    report()
