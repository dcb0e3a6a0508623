"""What can be done with tallies: casting, conferring, suspending, handing the halves on, giving back, losing."""

from datetime import UTC, date, datetime, time
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.campaigns import queries as campaigns
from app.campaigns.models import Campaign, CampaignState
from app.core import audit, clock
from app.core.db import db, edit, unit_of_work
from app.core.errors import require
from app.core.i18n import _, force_locale
from app.core.jobs import every_minute, later
from app.core.roles import SYSTEM, Actor
from app.custody import services as custody
from app.custody.models import TALLY_HALF, CustodyEvent, CustodyKind
from app.events import policy as event_policy
from app.events.models import Event
from app.files.models import StoredFile
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.people.queries import account_of
from app.search import services as search
from app.signing import services as signing
from app.tallies import papers, policy, queries
from app.tallies.errors import (
    BothHalvesInOneHand,
    CastAlready,
    CommanderMissing,
    ConditionMissing,
    NeitherStageNorReason,
    NotChartered,
    NotOfThisEvent,
    NotPossibleNow,
    ReasonMissing,
    RecastAlready,
    WrongDays,
    WrongHolder,
)
from app.tallies.models import HELD_STATES, SIDE_LABELS, End, Side, Tally, TallyHalf, TallyState

LOCK = 7_306  # any number that nobody else takes


class Ceremony(Protocol):
    """What is asked of a ceremony here; the feature itself stands above this one."""

    @property
    def id(self) -> int: ...
    @property
    def event_id(self) -> int: ...


def cast(
    campaign: Campaign,
    *,
    actor: Actor,
    inscription: str,
    scope: str,
    valid_from: date,
    valid_to: date,
    inscription_local: str | None = None,
    scope_local: str | None = None,
    threshold: str | None = None,
    ceremony: Ceremony | None = None,
) -> Tally:
    """Cast a tally in two halves for a campaign, under the next number of the campaign's year. Both lie in the office,
    and nobody but those who prepare it knows, until it is conferred."""
    event = campaign.event
    require(policy.may_cast(actor, event))
    if not event_policy.is_open_to_change(event):
        raise NotOfThisEvent(_("This event is cancelled; nothing new is conferred in it."))
    _hold_campaign(campaign)
    if campaign.state == CampaignState.CONCLUDED:
        raise NotPossibleNow(_("This campaign is concluded; it needs no authority any more."), field="campaign_ref")
    if queries.find_live(campaign) is not None:
        raise CastAlready(_("This campaign has a tally that still holds."), field="campaign_ref")
    _refuse_odd_days(event, valid_from, valid_to)
    _belongs(event, ceremony)
    tally = Tally(
        event=event, campaign=campaign, ceremony_id=ceremony.id if ceremony else None, label=_next_label(campaign.year),
        inscription=inscription, inscription_local=inscription_local, scope=scope, scope_local=scope_local,
        threshold=threshold, valid_from=valid_from, valid_to=valid_to, state=TallyState.CAST,
        halves=[TallyHalf(side=Side.LEFT), TallyHalf(side=Side.RIGHT)],
    )  # fmt: skip
    db.session.add(tally)
    db.session.flush()
    audit.record(actor, "tally.cast", tally, number=tally.label, campaign=campaign)
    return tally


def edit_tally(
    tally: Tally, *, actor: Actor, ceremony: Ceremony | None = None, version: int | None = None, **values: Any
) -> Tally:
    """Change what is cast. What was conferred says for good what it said then."""
    require(policy.may_cast(actor, tally.event))
    _hold(tally, TallyState.CAST)
    _belongs(tally.event, ceremony)
    changes = edit(tally, version=version, ceremony_id=ceremony.id if ceremony else None, **values)
    with db.session.no_autoflush:
        _refuse_odd_days(tally.event, tally.valid_from, tally.valid_to)
    if changes:
        audit.record(actor, "tally.changed", tally, fields=sorted(changes))
    return tally


def confer(
    tally: Tally,
    *,
    actor: Actor,
    cue_ref: str | None = None,
    outside: str | None = None,
    by: Person | None = None,
    on: datetime | date | None = None,
    ceremony: Ceremony | None = None,
) -> Tally:
    """Give it: by the cue of a ceremony that was fired, or outside one with the reason for it. Where no ceremony was
    planned for it, `ceremony` is the one at which it happened.

    The left half goes to the commander, the right one stays with the leader; both have to confirm. It lends authority
    from now on, when its campaign is chartered and its first day has come.
    """
    require(policy.may_cast(actor, tally.event))
    _hold(tally, TallyState.CAST)
    if not cue_ref and not outside:
        raise NeitherStageNorReason(
            _("It is conferred by its cue in a ceremony. Outside of one, say why it happens there."), field="outside"
        )
    commander = tally.campaign.commander
    if commander is None:
        raise CommanderMissing(_("Name the commander first: the left half goes to one person."))
    by = by or _sole_leader(tally.event, commander)  # who confers it keeps the right half
    if by is commander:
        raise BothHalvesInOneHand(
            _("Whoever commands does not keep the right half as well. Choose who confers it."), field="by_ref"
        )
    _belongs(tally.event, ceremony)
    at = _moment(tally.event, on)
    tally.ceremony_id = tally.ceremony_id or (ceremony.id if ceremony else None)
    tally.conferred_at, tally.cue_ref, tally.conferred_outside = at, cue_ref, None if cue_ref else outside
    tally.conferred_by_name = by.name if by else None
    tally.state = TallyState.CONFERRED
    tally.version += 1
    db.session.flush()
    audit.record(
        actor,
        "tally.conferred",
        tally,
        reason=tally.conferred_outside,
        cue=cue_ref,
        commander=commander,
        at=at.isoformat(),
    )
    for half, taker in ((tally.left, commander), (tally.right, by)):
        if taker is not None:
            _pass_on(half, actor=actor, taker=taker, at=at)
    _issue(tally, by=by)
    if _gap(tally) is None:
        _take_effect(tally, actor)
    index_tally(tally)
    return tally


def activate(tally: Tally, *, actor: Actor) -> Tally:
    """Let what was conferred early take effect: its campaign is chartered meanwhile, and its first day has come."""
    require(policy.may_cast(actor, tally.event) or policy.may_command(actor, tally.event))
    _hold(tally, TallyState.CONFERRED)
    gap = _gap(tally)
    if gap is not None:
        raise NotChartered(gap)
    _take_effect(tally, actor)
    return tally


def suspend(tally: Tally, *, actor: Actor, reason: str | None) -> Tally:
    """Take the authority away for a while. The halves stay where they are."""
    require(policy.may_command(actor, tally.event))
    _hold(tally, TallyState.CONFERRED, TallyState.ACTIVE)
    tally.state, tally.state_reason = TallyState.SUSPENDED, _given(reason)
    tally.version += 1
    audit.record(actor, "tally.suspended", tally, reason=reason)
    index_tally(tally)
    _tell(tally, "suspended", actor)
    return tally


def resume(tally: Tally, *, actor: Actor) -> Tally:
    """Lift the suspension: it is conferred as before, and active again where nothing stands against it."""
    require(policy.may_command(actor, tally.event))
    _hold(tally, TallyState.SUSPENDED)
    tally.state, tally.state_reason = TallyState.CONFERRED, None
    tally.version += 1
    audit.record(actor, "tally.resumed", tally)
    if _gap(tally) is None:
        _take_effect(tally, actor)
    _tell(tally, "resumed", actor)
    return tally


def retire(tally: Tally, *, actor: Actor, reason: str | None) -> Tally:
    """End its authority before its time. The halves are still to be given back."""
    require(policy.may_retire(actor, tally))
    _hold(tally, TallyState.CAST, *HELD_STATES)
    _settle(tally, TallyState.RETIRED, _given(reason), actor)
    return tally


def hand_on(
    half: TallyHalf,
    *,
    actor: Actor,
    taker: Person | None,
    at: datetime | None = None,
    place: str | None = None,
    condition: str | None = None,
    photo: StoredFile | None = None,
) -> CustodyEvent:
    """Record that a half went to somebody else: the left one to who commands, the right one to who presides, either of
    them back to the office. It counts when both parties have confirmed it (rule 33)."""
    tally = half.tally
    require(policy.may_hand_on(actor, tally.event, half.holder))
    _hold(tally, *HELD_STATES, TallyState.RETIRED, TallyState.RETURNED, TallyState.BROKEN)
    if taker is not None:
        if not tally.is_live:
            raise NotPossibleNow(_("This tally has ended: its halves go back to the office."), field="taker_ref")
        _refuse_wrong_holder(half, taker)
    return _pass_on(half, actor=actor, taker=taker, at=at, place=place, condition=condition, photo=photo)


def give_back(
    tally: Tally,
    *,
    actor: Actor,
    condition: str | None,
    at: datetime | None = None,
    place: str | None = None,
    photo: StoredFile | None = None,
) -> CustodyEvent:
    """Give the left half back to who keeps the right one. With the word of both, the tally is returned."""
    left, right = tally.left, tally.right
    require(policy.may_hand_on(actor, tally.event, left.holder))
    _hold(tally, *HELD_STATES, TallyState.RETIRED)
    if left.holder is None:
        raise NotPossibleNow(
            _("The left half is with nobody who could give it back: its handing over is not confirmed.")
        )
    if not condition:
        raise ConditionMissing(_("Say in which condition it is given back."), field="condition")
    return _pass_on(
        left,
        actor=actor,
        taker=right.holder,
        at=at,
        place=place,
        condition=condition,
        photo=photo,
        kind=CustodyKind.RETURN,
    )


def note_custody(record: CustodyEvent, *, actor: Actor) -> None:
    """What follows when both have confirmed a change of hands of a half: its holder, and the return of the tally."""
    half = queries.find_half(record.object_ref)
    if half is None or not record.is_settled:
        return
    tally = half.tally
    _hold_by(half, record.taker, record.at)
    if record.kind == CustodyKind.RETURN and half.side == Side.LEFT and tally.state in HELD_STATES:
        _settle(tally, TallyState.RETURNED, End.GIVEN_BACK, actor)
    else:
        index_tally(tally)


def note_found(record: CustodyEvent) -> None:
    """A lost half is there again, with whoever had it last, who gives it back: the broken tally stays void."""
    half = queries.find_half(record.object_ref)
    if half is not None:
        half.lost_at = None
        _hold_by(half, record.giver, record.at)
        index_tally(half.tally)


def report_loss(
    half: TallyHalf, *, actor: Actor, reason: str | None, at: datetime | None = None, place: str | None = None
) -> Tally:
    """Say that a half is lost. Both halves are void from now on; the tally is cast anew under another number."""
    tally = half.tally
    require(policy.may_hand_on(actor, tally.event, half.holder))
    _hold(tally, *HELD_STATES, TallyState.RETIRED)
    name, name_local = _names(half)
    custody.report_loss(
        tally.event, TALLY_HALF, half.ref, actor=actor, named=name, named_local=name_local, reason=_given(reason), at=at,
        place=place,
    )  # fmt: skip
    _settle(tally, TallyState.BROKEN, _given(reason), actor)
    half.lost_at, half.holder, half.holder_title = at or clock.now(), None, None
    return tally


def recast(tally: Tally, *, actor: Actor) -> Tally:
    """Cast a broken tally anew, under another number, with the same words, from today on."""
    require(policy.may_cast(actor, tally.event))
    _hold(tally, TallyState.BROKEN)
    if queries.find_recast(tally) is not None:
        raise RecastAlready(_("It was cast anew already."))
    today = clock.today(tally.event.time_zone)
    made = cast(
        tally.campaign, actor=actor, inscription=tally.inscription, inscription_local=tally.inscription_local,
        scope=tally.scope, scope_local=tally.scope_local, threshold=tally.threshold,
        valid_from=max(tally.valid_from, today), valid_to=tally.valid_to,
    )  # fmt: skip
    made.recast_of = tally
    db.session.flush()
    audit.record(actor, "tally.recast", made, instead_of=tally)
    return made


@every_minute
def keep_tallies() -> None:
    """What was conferred early takes effect when its day has come; what has ended with its campaign, or with its last day,
    is retired."""
    for tally in queries.list_to_settle(clock.now().date()):
        if _end_of(tally) is None and not (tally.state == TallyState.CONFERRED and _gap(tally) is None):
            continue
        with unit_of_work():
            db.session.refresh(tally)
            end = _end_of(tally)
            if end is not None and tally.is_live:
                _settle(tally, TallyState.RETIRED, end, SYSTEM)
            elif end is None and tally.state == TallyState.CONFERRED and _gap(tally) is None:
                _take_effect(tally, SYSTEM)


def index_tally(tally: Tally) -> None:
    """Only what is conferred can be found."""
    if not tally.is_conferred:
        search.drop("tally", tally.ref)
        return
    parts = [tally.inscription, tally.inscription_local, tally.scope, tally.scope_local]
    for each in tally.halves:
        parts += [each.holder.name, each.holder.name_local] if each.holder else []
    search.put(
        "tally",
        tally.ref,
        url=f"/events/{tally.event.ref}/tallies/{tally.ref}",
        title=f"{tally.label} {tally.campaign.label}",
        body="\n".join(part for part in parts if part),
        event_id=tally.event_id,
        on=tally.event.day_at(tally.conferred_at) if tally.conferred_at else None,
    )


# --- what the acts share --------------------------------------------------------------------------------------------


def _gap(tally: Tally) -> str | None:
    """Why it does not lend authority yet, if something stands against it."""
    if not campaigns.is_chartered(tally.campaign):
        return _(
            "The campaign is not chartered: it needs an assessment, an objective, a commander and an owner for every task."
        )
    if clock.today(tally.event.time_zone) < tally.valid_from:
        return _("Its first day has not come yet.")
    return None


def _end_of(tally: Tally) -> End | None:
    if tally.campaign.state == CampaignState.CONCLUDED:
        return End.CAMPAIGN_CONCLUDED
    return End.VALIDITY_OVER if tally.valid_to < clock.today(tally.event.time_zone) else None


def _take_effect(tally: Tally, actor: Actor) -> None:
    tally.state = TallyState.ACTIVE
    tally.version += 1
    db.session.flush()
    audit.record(actor, "tally.active", tally)
    index_tally(tally)


def _settle(tally: Tally, state: TallyState, reason: str, actor: Actor) -> None:
    """The end: its certificate is void from now on, and those who keep a half are told."""
    tally.state, tally.state_reason, tally.settled_at = state, reason, clock.now()
    tally.version += 1
    signing.withdraw(tally.ref)
    db.session.flush()
    audit.record(actor, f"tally.{state}", tally, reason=reason)
    index_tally(tally)
    if tally.is_conferred:
        _tell(tally, state, actor)


def _pass_on(half: TallyHalf, *, actor: Actor, taker: Person | None, **told: Any) -> CustodyEvent:
    name, name_local = _names(half)
    return custody.hand_over(
        half.tally.event, TALLY_HALF, half.ref, actor=actor, named=name, named_local=name_local, giver=half.holder,
        taker=taker, **told,
    )  # fmt: skip


def _hold_by(half: TallyHalf, holder: Person | None, at: datetime) -> None:
    """Who has it, with the position of that day (rule 6); nobody is the office."""
    held = holder.position_on(half.tally.event.day_at(at)) if holder else None
    half.holder, half.holder_title = holder, held.title if held else None


def _names(half: TallyHalf) -> tuple[str, str]:
    """What the half is called in the records of custody, in both languages."""
    names = []
    for language in ("en", "zh_Hans_CN"):
        with force_locale(language):
            names.append(_("Tally %(number)s, %(side)s", number=half.tally.label, side=SIDE_LABELS[Side(half.side)]))
    return names[0], names[1]


def _refuse_wrong_holder(half: TallyHalf, taker: Person) -> None:
    if half.other.holder is taker:
        raise BothHalvesInOneHand(
            _("%(name)s keeps the other half. Two people keep them.", name=taker.display_name), field="taker_ref"
        )
    campaign = half.tally.campaign
    if half.side == Side.LEFT and taker not in (campaign.commander, campaign.deputy):
        raise WrongHolder(
            _("The left half is kept by the commander of the campaign, or by the deputy."), field="taker_ref"
        )
    if half.side == Side.RIGHT and taker not in campaigns.list_leaders(half.tally.event):
        raise WrongHolder(_("The right half is kept by a presiding leader, or by the office."), field="taker_ref")


def _tell(tally: Tally, news: str, actor: Actor) -> None:
    """Tell who commands and who keeps a half, but for whoever did it."""
    people = (tally.campaign.commander, tally.left.holder, tally.right.holder)
    for person in dict.fromkeys(each for each in people if each is not None):
        account = account_of(person)
        if account is not None and account.id == actor.id:
            continue
        language = (account.language if account else None) or person.language
        name = (person.name_local if language.startswith("zh") else None) or person.name
        queue_mail(
            Recipient(name, account.email if account else person.email, language), "tallies/mail/tally",
            kind=f"tally.{news}", scope=tally.event.ref, tally=tally, news=news,
        )  # fmt: skip


def _issue(tally: Tally, *, by: Person | None) -> None:
    content = papers.content_of(tally, by=by)
    document = signing.issue(
        "tally", title=f"{tally.label} {tally.campaign.label}", subject_ref=tally.ref, edition=1, content=content
    )
    later("keep_paper", document_ref=document.ref)


def _sole_leader(event: Event, commander: Person) -> Person | None:
    """Who keeps the right half when nobody was named: the one leader there is, else the office."""
    leaders = [each for each in campaigns.list_leaders(event) if each is not commander]
    return leaders[0] if len(leaders) == 1 else None


def _moment(event: Event, on: datetime | date | None) -> datetime:
    """When it was conferred; of a day of the past only the day is known, its noon stands for it."""
    now = clock.now()
    if on is None:
        return now
    if isinstance(on, datetime):
        at = on
    elif on == clock.today(event.time_zone):
        at = now
    else:
        at = datetime.combine(on, time(12), ZoneInfo(event.time_zone)).astimezone(UTC)
    if at > now:
        raise WrongDays(_("This lies in the future."), field="on")
    return at


def _refuse_odd_days(event: Event, valid_from: date, valid_to: date) -> None:
    if valid_to < valid_from:
        raise WrongDays(_("The last day lies before the first."), field="valid_to")
    if valid_to < clock.today(event.time_zone):
        raise WrongDays(_("Its last day has passed; it would lend nothing."), field="valid_to")


def _belongs(event: Event, ceremony: Ceremony | None) -> None:
    if ceremony is not None and ceremony.event_id != event.id:
        raise NotOfThisEvent(_("This ceremony belongs to another event."), field="ceremony_ref")


def _next_label(year: int) -> str:
    """The next number of the year. Two who cast at once wait for each other: no gap and no twin."""
    if db.engine.dialect.name == "postgresql":  # SQLite has one writer anyway
        db.session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    return f"HF-{year}-{queries.newest_number(year) + 1:03}"


def _given(reason: str | None) -> str:
    if not reason:
        raise ReasonMissing(_("Please say why."), field="reason")
    return reason


def _hold_campaign(campaign: Campaign) -> None:
    db.session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())
    db.session.refresh(campaign)


def _hold(tally: Tally, *states: TallyState) -> None:
    """The tally to oneself until the end of the act, in one of the states from which the act leads on."""
    db.session.execute(select(Tally.id).where(Tally.id == tally.id).with_for_update())
    db.session.refresh(tally)
    if tally.state not in states:
        raise NotPossibleNow(_("This tally has moved on meanwhile. Look at how it stands now."))
