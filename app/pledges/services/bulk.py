"""A year's pledges at once: a row for each team, looked at before anything is drafted; then all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.campaigns.models import Campaign
from app.core import audit
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Event
from app.people.models import Organization, Person, Team, TeamMember
from app.pledges import deed, policy
from app.pledges.errors import SomeRowsRefused
from app.pledges.models import Pledge, PledgeRound, PledgeState, PledgeTemplate, SlotRole
from app.pledges.services.drafting import add_slot, draft_pledge
from app.pledges.services.stages import belongs, refuse_when_cancelled
from app.pledges.services.templates import words_of

GONE = (PledgeState.VOID, PledgeState.REFUSED, PledgeState.SUPERSEDED)
LEADING = ("commander", "deputy", "member")


@dataclass
class Candidate:
    """A team, who could give its word, and the campaign of the year that it fights."""

    team: Team
    people: list[Person]  # the one who leads first
    campaign: Campaign | None = None
    present: Pledge | None = None  # what it has in this round already

    @property
    def title(self) -> str:
        return self.team.display_name


@dataclass
class Row:
    """One pledge that is to be drafted, with what stands against it."""

    team: Team
    title: str
    pledger: Person | None
    campaign: Campaign | None = None
    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Common:
    """What all rows share."""

    round: PledgeRound
    template: PledgeTemplate
    language: str = "en"
    deadline: date | None = None
    sign_by: date | None = None
    witness: Person | None = None
    countersigner: Person | None = None

    @property
    def others(self) -> list[tuple[SlotRole, Person]]:
        named = [(SlotRole.WITNESS, self.witness), (SlotRole.COUNTERSIGNER, self.countersigner)]
        return [(role, person) for role, person in named if person is not None]


def list_candidates(event: Event, round_: PledgeRound) -> list[Candidate]:
    """Every team of the house of that year, or of no year, by name."""
    teams = db.session.scalars(
        select(Team)
        .join(Organization)
        .where(Organization.is_own, (Team.year == round_.year) | Team.year.is_(None))
        .options(selectinload(Team.members).joinedload(TeamMember.person))
        .order_by(Team.name, Team.id)
    ).all()
    campaigns = _campaigns_of(event, teams, round_.year)
    present = _present(round_)
    return [
        Candidate(team, _people_of(team, campaigns.get(team.id)), campaigns.get(team.id), present.get(team.id))
        for team in teams
    ]


def _campaigns_of(event: Event, teams: Sequence[Team], year: int) -> dict[int, Campaign]:
    """Those that were set at this event: whoever drafts here may know of no other."""
    found = select(Campaign).where(
        Campaign.event_id == event.id, Campaign.team_id.in_([each.id for each in teams]), Campaign.year == year
    )
    found = found.options(selectinload(Campaign.commander), selectinload(Campaign.deputy))
    return {each.team_id: each for each in db.session.scalars(found.order_by(Campaign.id.desc())) if each.team_id}


def _present(round_: PledgeRound) -> dict[int, Pledge]:
    found = select(Pledge).where(Pledge.round_id == round_.id, Pledge.state.not_in(GONE), Pledge.team_id.is_not(None))
    return {each.team_id: each for each in db.session.scalars(found) if each.team_id}


def _people_of(team: Team, campaign: Campaign | None) -> list[Person]:
    members = sorted(team.members, key=lambda each: (_rank(each.role), each.id))
    named = [campaign.commander, campaign.deputy] if campaign else []
    everybody = [*named, *(each.person for each in members)]
    return list({each.id: each for each in everybody if each is not None and each.left_on is None}.values())


def _rank(role: str) -> int:
    return LEADING.index(role) if role in LEADING else len(LEADING)


def look(event: Event, common: Common, rows: Sequence[Row]) -> list[Row]:
    """Write beside each row why it cannot be drafted, and what whoever drafts should know."""
    present = _present(common.round)
    seen: set[int] = set()
    for row in rows:
        row.refusals, row.warnings = [], []
        if row.team.id in seen:
            row.refusals.append(_("This team stands in the list twice."))
        seen.add(row.team.id)
        if row.team.id in present:
            row.refusals.append(_("It has %(label)s in this round already.", label=present[row.team.id].label))
        _look_at_people(row, common)
    return list(rows)


def _look_at_people(row: Row, common: Common) -> None:
    if not row.title:
        row.refusals.append(_("It needs a title."))
    if row.pledger is None:
        row.refusals.append(_("Nobody is named who gives the word of this team."))
        return
    if row.pledger.left_on is not None:
        row.refusals.append(_("%(name)s has left.", name=row.pledger.display_name))
    for _role, person in common.others:
        if person.id == row.pledger.id:
            row.refusals.append(
                _("%(name)s has a role in this pledge already. Nobody signs in two.", name=person.display_name)
            )
    if row.pledger.account_id is None:
        row.warnings.append(_("%(name)s has no account and could not sign.", name=row.pledger.display_name))


def draft_many(event: Event, common: Common, rows: Sequence[Row], *, actor: Actor) -> list[Pledge]:
    """Draft a pledge for each row, all at once: one that is refused keeps all of them from being drafted."""
    require(policy.may_prepare(actor, event))
    refuse_when_cancelled(event)
    belongs(event, common.round)
    if not rows:
        raise SomeRowsRefused(_("Choose at least one team."))
    if common.witness is not None and common.witness is common.countersigner:
        raise SomeRowsRefused(
            _("%(name)s has a role in this pledge already. Nobody signs in two.", name=common.witness.display_name),
            field="countersigner_ref",
        )
    if any(row.refusals for row in look(event, common, rows)):
        raise SomeRowsRefused(_("Nothing was drafted: look at what stands beside the rows."))
    pledges = [_draft(event, common, row, actor) for row in rows]
    audit.record(actor, "pledge_round.filled", common.round, pledges=len(pledges), template=common.template)
    return pledges


def _draft(event: Event, common: Common, row: Row, actor: Actor) -> Pledge:
    language = deed.language_of(common.language)
    pledger = row.pledger
    assert pledger is not None
    words = words_of(
        common.template, language, team=deed.name_in(row.team, language), year=common.round.year, deadline=common.deadline,
        pledger=deed.name_in(pledger, language),
    )  # fmt: skip
    pledge = draft_pledge(
        event, actor=actor, title=row.title, language=language, targets=objectives_of(row.campaign, common.deadline, language),
        deadline=common.deadline, sign_by=common.sign_by, round=common.round, team=row.team, campaign=row.campaign,
        template=common.template, **words,
    )  # fmt: skip
    named = {SlotRole.PLEDGER: pledger, **dict(common.others)}
    order = [SlotRole(each) for each in common.template.roles if SlotRole(each) in named]
    for role in [*order, *(each for each in named if each not in order)]:
        add_slot(pledge, named[role], role, actor=actor)
    return pledge


def objectives_of(campaign: Campaign | None, deadline: date | None, language: str) -> list[dict[str, str]]:
    """What the campaign is measured by, as the first objective of its team's pledge."""
    if campaign is None or not (campaign.metric or campaign.objective):
        return []
    objective = (campaign.objective_local if language != "en" else None) or campaign.objective or campaign.label
    return [
        {
            "target": objective,
            "metric": campaign.metric or "",
            "from": campaign.baseline or "",
            "to": campaign.target or "",
            "unit": "",
            "by": deadline.isoformat() if deadline else "",
            "kind": "committed",
        }
    ]
