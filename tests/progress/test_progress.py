"""Long work: made once, told step by step, seen by who asked for it, forgotten after a day."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.files import services as files
from app.progress import queries, services
from app.progress.models import Progress
from tests.cast import Cast, load

seen: list[tuple[int, str]] = []


@jobs.job
def count_to_three(progress_ref: str) -> None:
    """A long job of the tests: counts, or fails as its arguments say."""
    services.carry_out(progress_ref, _counted)


def _counted(progress: Progress, tell: services.Tell) -> services.Made:
    if progress.arguments.get("refuse"):
        raise Refused("No, thank you.")
    if progress.arguments.get("break"):
        raise ValueError("secret detail")
    for number in (1, 2):
        tell(number, f"{number} of 3")
        seen.append((progress.done, progress.step))
    return services.Made(b"one two three", "numbers.txt", "text/plain")


def ask(cast: Cast, key: str = "numbers", **arguments: object) -> Progress:
    with unit_of_work():
        return services.begin(
            key, "count_to_three", actor=cast.petra, title="Numbers", then="/events", total=3, **arguments
        )


def test_long_work_is_made_once_and_told_step_by_step(cast: Cast) -> None:
    seen.clear()
    progress = ask(cast)
    assert ask(cast).ref == progress.ref
    assert (progress.done, progress.step) == (0, "Waiting for its turn")
    jobs.run_now("count_to_three", progress_ref=progress.ref)
    jobs.run_now("count_to_three", progress_ref=progress.ref)
    assert seen == [(1, "1 of 3"), (2, "2 of 3")]
    assert queries.find_made(cast.petra, "numbers") == b"one two three"
    assert queries.find_made(cast.tom, "numbers") is None
    assert ask(cast).ref == progress.ref


def test_who_asked_waits_on_a_page_that_leads_on_and_nobody_else_sees_it(app: Flask, as_) -> None:
    with app.app_context():
        ref = ask(load()).ref
    petra = as_("petra")
    page = petra.get(f"/progress/{ref}")
    assert page.status_code == 200
    assert "Waiting for its turn" in page.text
    assert petra.get(f"/progress/{ref}/state").json == {
        "done": 0, "total": 3, "step": "Waiting for its turn", "is_under_way": True, "is_made": False,
    }  # fmt: skip
    with app.app_context():
        jobs.run_now("count_to_three", progress_ref=ref)
    done = petra.get(f"/progress/{ref}")
    assert (done.status_code, done.location) == (303, "/events")
    for name in ("tom", "ada", "aude"):
        browser = as_(name)
        assert browser.get(f"/progress/{ref}").status_code == 404
        assert browser.get(f"/progress/{ref}/state").status_code == 404


@pytest.mark.parametrize(
    ("how", "sentence"), [("refuse", "No, thank you."), ("break", "This could not be made. Please try again")]
)
def test_work_that_fails_says_so_and_can_be_asked_for_again(app: Flask, as_, how: str, sentence: str) -> None:
    with app.app_context():
        ref = ask(load(), **{how: True}).ref
        jobs.run_now("count_to_three", progress_ref=ref)
    page = as_("petra").get(f"/progress/{ref}")
    assert sentence in page.text
    assert "secret detail" not in page.text
    with app.app_context():
        again = ask(load())
        assert again.ref != ref
        assert again.is_under_way


def test_what_is_lost_is_said_to_be_and_what_is_a_day_old_goes_with_its_file(cast: Cast) -> None:
    lost, kept = ask(cast, "lost"), ask(cast, "kept")
    jobs.run_now("count_to_three", progress_ref=kept.ref)
    path = files.path_of(kept.file.sha256)
    with time_machine.travel(clock.now() + services.LOST + timedelta(minutes=1), tick=False):
        jobs.run_now("sweep_progress")
    assert lost.failure is not None
    assert kept.failure is None
    assert path.exists()
    with time_machine.travel(clock.now() + services.KEPT + timedelta(minutes=1), tick=False):
        jobs.run_now("sweep_progress")
    assert db.session.query(Progress).count() == 0
    assert not path.exists()


def test_nobody_fills_the_queue(cast: Cast) -> None:
    for number in range(services.MOST_AT_ONCE):
        ask(cast, str(number))
    with pytest.raises(Refused, match="Other files are being made"):
        ask(cast, "one more")
    assert ask(cast, "0").is_under_way
