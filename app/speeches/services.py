"""Recording what was said. The confirmation of a wording is `requirements.services.confirm_speech`, since it confirms
the requirements in it too."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.accounts.models import Account
from app.core import audit
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.events import queries as events
from app.events.models import Event
from app.mail.services import Recipient, queue_mail
from app.people.models import Person, Team
from app.programme.models import AgendaItem, Session
from app.search import services as search
from app.speeches import policy, queries
from app.speeches.errors import CannotConfirm, NothingSaid, NotPartOfThis, WordingIsConfirmed
from app.speeches.holding import hold
from app.speeches.models import Passage, PassageKind, Speech, Statement
from app.speeches.recorders import has_recorded


def add_speech(
    event: Event,
    *,
    actor: Actor,
    session: Session,
    speaker: Person,
    title: str,
    title_local: str | None = None,
    item: AgendaItem | None = None,
    language: str = "en",
    held_at: datetime | None = None,
    announced_count: int | None = None,
    announced_words: str | None = None,
    audience: str | None = None,
    audience_local: str | None = None,
    translation_language: str | None = None,
) -> Speech:
    """Record that somebody spoke. Name and position are kept as the directory has them for that day (rule 6).

    `announced_count` is the number of requirements that the speaker promised, `announced_words` how it was said
    ("seven", "several").
    """
    require(policy.may_record(actor, event))
    _belongs(event, session, item)
    speech = Speech(
        event=event,
        session=session,
        item=item,
        position=queries.next_speech_position(event),
        speaker=speaker,
        title=title,
        title_local=title_local,
        language=language,
        held_at=held_at or (item.starts_at if item else None),
        announced_count=announced_count,
        announced_words=announced_words,
        audience=audience,
        audience_local=audience_local,
        translation_language=translation_language or None,
        **_as_they_were(speaker, _day_of(event, session, item, held_at)),
    )
    db.session.add(speech)
    db.session.flush()
    audit.record(actor, "speech.recorded", speech, session=session)
    index_speech(speech)
    return speech


def edit_speech(
    speech: Speech,
    *,
    actor: Actor,
    session: Session,
    speaker: Person,
    item: AgendaItem | None = None,
    held_at: datetime | None = None,
    version: int | None = None,
    **values: object,
) -> Speech:
    """Mend what was recorded about a speech while its wording is open."""
    require(policy.may_record(actor, speech.event))
    hold_open(speech)
    _belongs(speech.event, session, item)
    frozen = {}
    day = _day_of(speech.event, session, item, held_at)
    if speaker is not speech.speaker or day != _day_of(speech.event, speech.session, speech.item, speech.held_at):
        frozen = _as_they_were(speaker, day)
    changes = edit(
        speech, version=version, session=session, speaker=speaker, item=item,
        held_at=held_at or (item.starts_at if item else None), **frozen, **values,
    )  # fmt: skip
    if changes:
        audit.record(actor, "speech.changed", speech, fields=sorted(changes))
        index_speech(speech)
    return speech


def add_passage(
    speech: Speech,
    *,
    actor: Actor,
    kind: PassageKind | str,
    verbatim: str | None = None,
    summary: str | None = None,
    summary_local: str | None = None,
    span_start: int | None = None,
    span_end: int | None = None,
    translation: str | None = None,
    line_id: str | None = None,
) -> Passage:
    """Record a piece of a speech. Without `verbatim` it is withheld: a summary says what it is about."""
    require(policy.may_record(actor, speech.event))
    hold_open(speech)
    _says_something(verbatim, summary, summary_local)
    passage = Passage(
        speech=speech,
        position=queries.next_passage_position(speech),
        kind=PassageKind(kind),
        verbatim=verbatim,
        summary=summary,
        summary_local=summary_local,
        span_start=span_start,
        span_end=span_end,
        translation=translation,
        line_id=line_id,
    )
    db.session.add(passage)
    touch(speech)
    db.session.flush()
    audit.record(actor, "passage.recorded", passage, kind=passage.kind)
    index_speech(speech)
    return passage


def reword_passage(
    passage: Passage,
    *,
    actor: Actor,
    verbatim: str | None,
    summary: str | None,
    summary_local: str | None,
    translation: str | None = None,
    kind: PassageKind | str | None = None,
    version: int | None = None,
) -> Passage:
    """Mend what was written down, until somebody who may has confirmed it. Then a verbatim text never changes."""
    require(policy.may_record(actor, passage.event))
    hold_open(passage.speech)
    _says_something(verbatim, summary, summary_local)
    changes = edit(
        passage, version=version, verbatim=verbatim, summary=summary, summary_local=summary_local,
        translation=translation, kind=PassageKind(kind or passage.kind),
    )  # fmt: skip
    if changes:
        touch(passage.speech)
        audit.record(actor, "passage.changed", passage, fields=sorted(changes))
        index_speech(passage.speech)
    return passage


def remove_passage(passage: Passage, *, actor: Actor) -> None:
    """Take away a passage that was recorded by mistake, while the wording is open."""
    require(policy.may_record(actor, passage.event))
    speech = passage.speech
    hold_open(speech)
    audit.record(actor, "passage.removed", passage, scope=speech.event, kind=passage.kind)
    speech.passages.remove(passage)
    touch(speech)
    db.session.flush()
    index_speech(speech)


def add_statement(
    event: Event,
    *,
    actor: Actor,
    team: Team,
    session: Session | None = None,
    speaker: Person | None = None,
    occasion: str | None = None,
    occasion_local: str | None = None,
    verbatim: str | None = None,
    summary: str | None = None,
    summary_local: str | None = None,
    span_start: int | None = None,
    span_end: int | None = None,
) -> Statement:
    """Record a team's declaration: said, not signed."""
    require(policy.may_record(actor, event))
    _says_something(verbatim, summary, summary_local)
    if session is not None:
        _belongs(event, session, None)
    statement = Statement(
        event=event,
        position=queries.next_statement_position(event),
        team=team,
        session=session,
        speaker=speaker,
        occasion=occasion,
        occasion_local=occasion_local,
        verbatim=verbatim,
        summary=summary,
        summary_local=summary_local,
        span_start=span_start,
        span_end=span_end,
    )
    db.session.add(statement)
    db.session.flush()
    audit.record(actor, "statement.recorded", statement, team=team)
    return statement


def edit_statement(
    statement: Statement,
    *,
    actor: Actor,
    team: Team,
    session: Session | None = None,
    verbatim: str | None = None,
    summary: str | None = None,
    summary_local: str | None = None,
    version: int | None = None,
    **values: object,
) -> Statement:
    """Mend what was recorded of a team's declaration."""
    require(policy.may_record(actor, statement.event))
    hold(statement)
    _says_something(verbatim, summary, summary_local)
    if session is not None:
        _belongs(statement.event, session, None)
    changes = edit(
        statement, version=version, team=team, session=session, verbatim=verbatim, summary=summary,
        summary_local=summary_local, **values,
    )  # fmt: skip
    if changes:
        audit.record(actor, "statement.changed", statement, fields=sorted(changes))
    return statement


def remove_statement(statement: Statement, *, actor: Actor) -> None:
    """Take away a declaration that was recorded by mistake. The log keeps that it was there."""
    require(policy.may_record(actor, statement.event))
    hold(statement)
    audit.record(actor, "statement.removed", statement, team=statement.team)
    db.session.delete(statement)
    db.session.flush()


def translate(
    speech: Speech,
    *,
    actor: Actor,
    language: str | None,
    translations: Mapping[str, str | None],
    version: int | None = None,
) -> Speech:
    """Set a translation beside the passages, by their refs. What was said stays the original and is not touched, so this
    may also be done once the wording is confirmed."""
    require(policy.may_record(actor, speech.event))
    hold(speech)
    if any(translations.values()) and not language:
        raise NothingSaid(_("Say into which language it is translated."), field="translation_language")
    if language and language == speech.language:
        raise NothingSaid(_("This is the language in which it was said."), field="translation_language")
    changes = edit(speech, version=version, translation_language=language or None)
    changed = [
        each for each in speech.passages
        if each.ref in translations and edit(each, version=None, translation=translations[each.ref] or None)
    ]  # fmt: skip
    if changed and not changes:
        touch(speech)
    if changed or changes:
        audit.record(actor, "speech.translated", speech, language=language, passages=len(changed))
        index_speech(speech)
    return speech


def name_delegate(speech: Speech, person: Person | None, *, actor: Actor, version: int | None = None) -> Speech:
    """Say who may confirm the wording for the speaker, or that nobody may; whoever is named is told.

    Whoever wrote the words down is not chosen: nobody vouches for their own record.
    """
    require(policy.may_take_back(actor, speech))
    hold(speech)
    if person is not None:
        _can_confirm(person, speech)
    changes = edit(speech, version=version, delegate=person)
    if changes:
        audit.record(actor, "speech.delegate_named", speech, delegate=person)
        if person is not None:
            _tell(person, "delegate_named", speech)
    return speech


def ask_for_confirmation(speech: Speech, *, actor: Actor) -> list[Person]:
    """Write to the speaker, and to whom they named, that the wording is there to be confirmed."""
    require(policy.may_record(actor, speech.event))
    hold_open(speech)
    if not speech.passages:
        raise NothingSaid(_("Nothing of this speech is recorded yet, so there is no wording to confirm."))
    asked = [each for each in (speech.speaker, speech.delegate) if each is not None and _account_of(each) is not None]
    if not asked:
        raise CannotConfirm(
            _(
                "%(name)s has no account and could not answer. The presiding leader may confirm it, or name a delegate.",
                name=speech.speaker.display_name,
            )
        )
    audit.record(actor, "speech.confirmation_asked", speech, people=len(asked))
    for person in asked:
        _tell(person, "confirmation_asked", speech)
    return asked


def _can_confirm(person: Person, speech: Speech) -> None:
    account = _account_of(person)
    name = person.display_name
    if account is None:
        raise CannotConfirm(_("%(name)s has no account and could not answer.", name=name), field="delegate_ref")
    if events.find_visible(account, speech.event.ref) is None:
        raise CannotConfirm(
            _("%(name)s may not see this event. Invite them, or choose somebody else.", name=name),
            field="delegate_ref",
        )
    if person is not speech.speaker and has_recorded(account, speech):
        raise CannotConfirm(
            _("%(name)s wrote the words down and cannot vouch for them. Choose somebody else.", name=name),
            field="delegate_ref",
        )


def _account_of(person: Person) -> Account | None:
    account = db.session.get(Account, person.account_id) if person.account_id else None
    return account if account is not None and account.is_active else None


def _tell(person: Person, what: str, speech: Speech) -> None:
    account = _account_of(person)
    language = (account.language if account else None) or person.language
    name = (person.name_local if language.startswith("zh") else None) or person.name
    queue_mail(
        Recipient(name, account.email if account else person.email, language),
        f"speeches/mail/{what}",
        kind=f"speech.{what}",
        scope=speech.event.ref,
        speech=speech,
        event=speech.event,
        is_speaker=person is speech.speaker,
        path=f"/events/{speech.event.ref}/speeches/{speech.ref}",
    )


def index_speech(speech: Speech) -> None:
    """Make a speech of a published event findable by what was said in it."""
    if speech.event.is_draft:
        search.drop("speech", speech.ref)
        return
    texts = [speech.title_local, speech.speaker_name, speech.speaker.name_local, speech.position_title]
    for passage in speech.passages:
        texts += [passage.verbatim, passage.translation, passage.summary, passage.summary_local]
    search.put(
        "speech",
        speech.ref,
        url=f"/events/{speech.event.ref}/speeches/{speech.ref}",
        title=speech.title,
        body="\n".join(text for text in texts if text),
        event_id=speech.event_id,
        on=speech.day,
    )


def hold_open(speech: Speech) -> None:
    """Have the speech to oneself until the end of the act, and refuse when its wording is confirmed."""
    hold(speech)
    refuse_confirmed(speech)


def refuse_confirmed(speech: Speech) -> None:
    if speech.is_confirmed:
        raise WordingIsConfirmed(_("The wording of this speech is confirmed. It does not change any more."))


def touch(speech: Speech) -> None:
    """What hangs on a speech changed: whoever confirms it from an older page is told so."""
    speech.version += 1


def _day_of(event: Event, session: Session, item: AgendaItem | None, held_at: datetime | None) -> date:
    """The day of a speech as far as it is known; else that on which the gathering began."""
    moment = held_at or (item.starts_at if item else None) or session.starts_at
    if moment is not None:
        return moment.astimezone(ZoneInfo(event.time_zone)).date()
    return session.day or event.starts_on


def _as_they_were(speaker: Person, day: date) -> dict[str, str | None]:
    held = speaker.position_on(day)
    return {
        "speaker_name": speaker.name,
        "position_title": held.title if held else None,
        "position_title_local": held.title_local if held else None,
    }


def _belongs(event: Event, session: Session, item: AgendaItem | None) -> None:
    if session.event_id != event.id:
        raise NotPartOfThis(_("This session belongs to another event."), field="session_ref")
    if item is not None and (item.event_id != event.id or item.session_id not in (None, session.id)):
        raise NotPartOfThis(_("This agenda item belongs to another session."), field="item_ref")


def _says_something(verbatim: str | None, summary: str | None, summary_local: str | None) -> None:
    if not (verbatim or summary or summary_local):
        raise NothingSaid(_("Write down the wording, or a summary where the wording is withheld."), field="verbatim")
