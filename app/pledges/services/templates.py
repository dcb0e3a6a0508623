"""Templates of pledges: the house's clauses in both languages, kept by whoever organizes anywhere."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, TypedDict

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _, force_locale, format_day
from app.core.roles import Actor
from app.pledges import deed, policy
from app.pledges.errors import NotPossibleNow, NotReady
from app.pledges.models import PledgeTemplate, SlotRole

PLACES = ("team", "year", "deadline", "pledger")  # written as {team} in a clause
PLACE = re.compile("{(" + "|".join(PLACES) + ")}")


class Words(TypedDict):
    """What a template says of one pledge, in one language."""

    text: str | None
    reward: str | None
    penalty: str | None


def add_template(*, actor: Actor, **values: Any) -> PledgeTemplate:
    """Keep clauses (heading, text, heading_local, text_local), reward, penalty, and the roles that have to sign."""
    require(policy.may_keep_templates(actor))
    _refuse_incomplete(values)
    template = PledgeTemplate(**values)
    db.session.add(template)
    db.session.flush()
    audit.record(actor, "pledge_template.added", template)
    return template


def change_template(template: PledgeTemplate, *, actor: Actor, version: int | None, **values: Any) -> PledgeTemplate:
    """Change the words of what is drafted from now on. Drafts and pledges that were made with it keep theirs."""
    require(policy.may_keep_templates(actor))
    _refuse_incomplete(values)
    changes = edit(template, version=version, **values)
    if changes:
        audit.record(actor, "pledge_template.changed", template, fields=sorted(changes))
    return template


def put_away(template: PledgeTemplate, *, actor: Actor) -> None:
    require(policy.may_keep_templates(actor))
    if template.retired_at is not None:
        raise NotPossibleNow(_("This template is put away already."))
    template.retired_at = clock.now()
    template.version += 1
    audit.record(actor, "pledge_template.put_away", template)


def take_out(template: PledgeTemplate, *, actor: Actor) -> None:
    require(policy.may_keep_templates(actor))
    if template.retired_at is None:
        raise NotPossibleNow(_("This template is in use."))
    template.retired_at = None
    template.version += 1
    audit.record(actor, "pledge_template.taken_out", template)


def _refuse_incomplete(values: Mapping[str, Any]) -> None:
    if "clauses" in values and not any(each.get("text") or each.get("text_local") for each in values["clauses"]):
        raise NotReady(_("A template needs at least one clause."))
    if "roles" in values and SlotRole.PLEDGER not in values["roles"]:
        raise NotReady(_("A pledge needs somebody who gives it."), field="roles")


def words_of(
    template: PledgeTemplate, language: str, *, team: str | None = None, year: int | None = None,
    deadline: date | None = None, pledger: str | None = None,
) -> Words:  # fmt: skip
    """Text, reward and penalty in one language, with what is known in the places of `PLACES`. What has no words in that
    language has those of the other; an unknown place stays as it is, so that whoever reads the draft finds it."""
    language = deed.language_of(language)
    with force_locale(language):
        until = format_day(deadline) if deadline else None
    known = {"team": team, "year": str(year) if year else None, "deadline": until, "pledger": pledger}
    clauses = [_clause(each, language) for each in template.clauses]
    return {
        "text": _filled("\n\n".join(each for each in clauses if each) or None, known),
        "reward": _filled(_chosen(template.reward, template.reward_local, language), known),
        "penalty": _filled(_chosen(template.penalty, template.penalty_local, language), known),
    }


def _clause(clause: dict[str, str], language: str) -> str:
    heading = _chosen(clause.get("heading"), clause.get("heading_local"), language)
    text = _chosen(clause.get("text"), clause.get("text_local"), language)
    return "\n\n".join(part for part in (f"## {heading}" if heading else None, text) if part)


def _chosen(english: str | None, local: str | None, language: str) -> str | None:
    first, second = (english, local) if language == "en" else (local, english)
    return first or second or None


def _filled(text: str | None, known: Mapping[str, str | None]) -> str | None:
    """Places are named and nothing else is: no format string that a clause could reach further with (IN7)."""
    return PLACE.sub(lambda found: known.get(found[1]) or found[0], text) if text else text
