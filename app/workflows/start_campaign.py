"""Starting a campaign: whether a tally lends it authority is known above it."""

from app.campaigns import services as campaigns
from app.campaigns.models import Campaign
from app.core.roles import Actor
from app.tallies import queries as tallies


def start(campaign: Campaign, *, actor: Actor) -> None:
    """Start it; one that needs a tally waits until it is conferred."""
    campaigns.hold(campaign)
    campaigns.start(campaign, actor=actor, is_lent_authority=tallies.has_authority(campaign))
