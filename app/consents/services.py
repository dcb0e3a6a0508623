"""Publishing the words of the consent, giving it, withdrawing it."""

from sqlalchemy.exc import IntegrityError

from app.consents import policy, queries
from app.consents.errors import NoConsent, WordsHaveChanged
from app.consents.models import Consent, ConsentText
from app.core import audit, clock
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import SYSTEM, Actor
from app.people.models import Person


def publish(*, text: str, text_local: str, actor: Actor) -> ConsentText:
    """A new version. Whoever agreed to the one before is asked again before the next signature."""
    require(policy.may_publish(actor))
    present = queries.present_text()
    if (present.text, present.text_local) == (text, text_local) and present.id is not None:
        raise Refused(_("These are the words of the present version already."), field="text")
    number = present.number + 1 if present.id is not None else 1
    return _store(number, text, text_local, actor)


def _store_first(first: ConsentText) -> ConsentText:
    """Of the first two who agree at the same moment one stores the words, and the other finds them."""
    try:
        with db.session.begin_nested():
            return _store(1, first.text, first.text_local, SYSTEM)
    except IntegrityError:
        return queries.present_text()


def _store(number: int, text: str, text_local: str, actor: Actor) -> ConsentText:
    made = ConsentText(
        number=number, text=text, text_local=text_local, content_hash=queries.content_hash(number, text, text_local),
        published_at=clock.now(), published_by_id=actor.id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record(actor, "consent_text.published", made, number=number, content_hash=made.content_hash)
    return made


def give(person: Person, *, actor: Actor, shown_hash: str, language: str = "en") -> Consent:
    """Agree to the words that were shown. Given once, it holds until it is withdrawn or the words change."""
    require(policy.may_give(actor, person))
    present = queries.present_text()
    if present.content_hash != shown_hash:
        raise WordsHaveChanged(_("These words were replaced by a newer version. Read it before you agree."))
    if present.id is None:
        present = _store_first(present)
    standing = queries.standing_of(person)
    if standing is not None:
        return standing
    consent = Consent(person=person, text=present, given_at=clock.now(), language=language)
    db.session.add(consent)
    db.session.flush()
    audit.record(actor, "consent.given", consent, number=present.number, content_hash=present.content_hash)
    return consent


def withdraw(person: Person, *, actor: Actor) -> None:
    """From now on this person signs nothing electronically. What was signed stays signed."""
    require(policy.may_give(actor, person))
    standing = [each for each in queries.list_of_person(person) if each.withdrawn_at is None]
    if not standing:
        raise NoConsent(_("There is no consent that could be withdrawn."))
    for consent in standing:
        consent.withdrawn_at = clock.now()
        audit.record(actor, "consent.withdrawn", consent, number=consent.text.number)
