"""What the owners of cues are told when their table is given out anew."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import select

from app.accounts.models import Account
from app.core.db import db
from app.core.roles import Actor
from app.events import queries as events
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.shows import queries
from app.shows.models import ShowVersion
from app.shows.rows import FIELD_LABELS, TELLING, Difference, Row, compare, seen, thawed, value_words


def tell_owners(version: ShowVersion, last: ShowVersion | None, *, actor: Actor) -> None:
    """One mail a version to each who owns a cue of it, or did in the one before, and may open it. Not to whoever gave it
    out. Words under embargo are in none of them, whoever reads (rule 31)."""
    show = version.show
    new = [thawed(each) for each in version.rows]
    old = [thawed(each) for each in last.rows] if last else []
    differences = _as_paper(version, old, new)
    for person, account in _owners({each.owner_ref for each in (*old, *new) if each.owner_ref}):
        if account.id == actor.id or events.find_visible(account, show.event.ref) is None:
            continue
        queue_mail(
            Recipient(name=person.display_name, address=account.email, language=account.language or person.language),
            "shows/mail/published",
            kind="show_published",
            scope=show.event.ref,
            dedupe_key=f"show_published:{show.ref}:{version.number}:{person.ref}",
            event=show.event,
            show=show,
            version=version,
            last=last,
            differences=[each for each in differences if person.ref in _owners_of(each)],
            labels=FIELD_LABELS,
            words=value_words,
            hidden=TELLING,
        )


def _as_paper(version: ShowVersion, old: Sequence[Row], new: Sequence[Row]) -> list[Difference]:
    """What is different, told by rows as they may be handed round."""
    sight = queries.sight_of_paper(version.event)
    before, after = ({each.ref: each for each in seen(rows, sight)} for rows in (old, new))
    return [
        replace(each, old=each.old and before[each.old.ref], new=each.new and after[each.new.ref])
        for each in compare(old, new)
    ]


def _owners_of(difference: Difference) -> set[str | None]:
    return {each.owner_ref for each in (difference.old, difference.new) if each is not None}


def _owners(refs: Collection[str]) -> Sequence[tuple[Person, Account]]:
    """Those of them who have an account, by name."""
    found = (
        select(Person, Account)
        .join(Account, Account.id == Person.account_id)
        .where(Person.ref.in_(refs))
        .order_by(Person.name, Person.id)
    )
    return [(person, account) for person, account in db.session.execute(found) if account.is_active]
