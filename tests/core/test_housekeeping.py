"""What nobody needs any more goes by itself, and nothing else."""

from datetime import timedelta

from sqlalchemy import func, select

from app.accounts.models import AccountLink, BrowserSession, SignInFailure
from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.core.intents import Intent


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_old_intents_are_forgotten_and_new_ones_kept(cast) -> None:
    now = clock.now()
    with unit_of_work():
        db.session.add_all(
            [
                Intent(key="old", body="b", location="/", at=now - timedelta(days=8)),
                Intent(key="new", body="b", location="/", at=now - timedelta(days=6)),
            ]
        )
    jobs.run_now("forget_old_intents")
    assert db.session.scalars(select(Intent.key)).all() == ["new"]


def test_ended_sessions_tries_and_links_are_forgotten(cast) -> None:
    now = clock.now()
    old, new = now - timedelta(days=40), now - timedelta(hours=1)
    with unit_of_work():
        for number, at in enumerate((old, new)):
            db.session.add_all(
                [
                    BrowserSession(
                        token_hash=f"t{number}",
                        account_id=cast.petra.id,
                        created_at=at,
                        seen_at=at,
                        proven_at=at,
                        browser="b",
                        address="a",
                    ),
                    SignInFailure(key="k", created_at=at),
                    AccountLink(token_hash=f"l{number}", purpose="password", expires_at=at, created_at=at),
                ]
            )
    jobs.run_now("forget_old_proofs")
    assert (count(BrowserSession), count(SignInFailure), count(AccountLink)) == (1, 1, 1)
