"""Campaigns for tests, made by their own acts."""

import itertools
from typing import Any

from app.campaigns import services
from app.campaigns.models import Campaign, Review
from app.core.roles import SYSTEM
from app.events.models import Event
from app.people.models import Person

_number = itertools.count(1)
SCORES = {"clarity": 5, "resources": 4, "map": 3, "risk": 2, "team": 1}


def make_campaign(event: Event, **values: Any) -> Campaign:
    given = {"year": 2027, "name": f"Campaign {next(_number)}", "objective": "Less scrap."}
    return services.add_campaign(event, actor=SYSTEM, **{**given, **values})


def make_running(event: Event, assessor: Person, **values: Any) -> Campaign:
    campaign = make_campaign(event, **values)
    services.assess_campaign(campaign, actor=SYSTEM, assessor=assessor, **SCORES)
    services.start(campaign, actor=SYSTEM)
    return campaign


def make_review(campaign: Campaign, **values: Any) -> Review:
    """A review that says everything but what failed and what succeeded."""
    given = {"intended": "From 4.6 % to 4.1 %.", "actual": "3.4 %.", "company_view": "Counting helped."}
    return services.add_review(campaign, actor=SYSTEM, **{**given, **values})
