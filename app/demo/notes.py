"""What each demo account shows, in one sentence; shown on the sign-in page in the reader's language."""

from app.core.i18n import _l

NOTES = {
    "ada": _l("Runs the system: people, accounts, settings."),
    "olaf": _l("Plans the gatherings, from the invitation to the minutes."),
    "sara": _l("Records speeches and writes the minutes."),
    "sven": _l("Hands requirements over and follows them up."),
    "liwei": _l("Confirms wording, signs minutes off, countersigns pledges."),
    "dora": _l("Checks people in at the door."),
    "petra": _l("Is invited, reports on what is asked of her, signs a pledge."),
    "rita": _l("Reads minutes and confirms reading."),
    "aude": _l("Reads everything and changes nothing."),
    "mei": _l("Heads research, verifies evidence, prepares a campaign."),
    "tom": _l("Heads manufacturing, holds several requirements."),
    "chenyu": _l("Commands a running campaign."),
    "ana": _l("Heads supply chain, has an overdue requirement."),
    "guoqiang": _l("Holds the left half of the tally."),
}
