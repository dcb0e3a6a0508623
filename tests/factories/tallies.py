"""Tallies for tests, made by their own acts."""

from datetime import timedelta
from typing import Any

from app.campaigns.models import Campaign
from app.core import clock
from app.core.roles import SYSTEM
from app.tallies import services
from app.tallies.models import Tally


def make_tally(campaign: Campaign, **values: Any) -> Tally:
    """Cast and not conferred."""
    today = clock.today(campaign.event.time_zone)
    given = {
        "inscription": "Right half with the leader, left half with the commander", "scope": "Up to sixty people of the works.",
        "valid_from": today, "valid_to": today + timedelta(days=300),
    }  # fmt: skip
    return services.cast(campaign, actor=SYSTEM, **{**given, **values})
