"""The files of issued documents: made by a job, caught up by the minute, once."""

import pytest
from sqlalchemy import func, select

from app.core import jobs
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.signing import keeping
from app.signing.models import IssuedDocument
from tests.cast import Cast
from tests.factories.minutes import make_approved

KINDS = {"award", "certificate", "circular", "minutes", "tally"}  # pledges keep theirs revision by revision


@pytest.fixture
def issued(cast: Cast) -> list[IssuedDocument]:
    """The minutes of an evening whose jobs never ran."""
    with unit_of_work():
        for _number in range(2):
            make_approved(cast)
    return list(db.session.scalars(select(IssuedDocument).order_by(IssuedDocument.id)))


def test_every_kind_that_is_issued_says_how_it_is_drawn(cast: Cast) -> None:
    assert {str(kind) for kind in keeping._known} == KINDS


def test_what_no_job_has_printed_is_caught_up_once(issued: list[IssuedDocument]) -> None:
    assert [keeping.kept(each) for each in issued] == [None] * len(issued)
    now = [keeping.read(each) for each in issued]
    for _round in range(2):
        jobs.run_now("keep_missing_papers")
    assert [keeping.kept(each) for each in issued] == now
    told = select(func.count(AuditEntry.seq)).where(AuditEntry.action == "document.printed")
    assert db.session.scalar(told) == len(issued) >= 2


def test_one_document_that_cannot_be_drawn_keeps_no_other_from_its_file(issued: list[IssuedDocument]) -> None:
    with unit_of_work():
        issued[0].content = {}
    jobs.run_now("keep_missing_papers")
    assert [each.pdf_hash is None for each in issued] == [True] + [False] * (len(issued) - 1)
