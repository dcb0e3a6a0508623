"""Whether somebody's confirmation of reading holds for the text in force, as they read it."""

from enum import StrEnum

from app.minutes import extracts
from app.minutes.models import Acknowledgement, Minutes, MinutesVersion


class Standing(StrEnum):
    """How somebody who gets minutes stands to the text in force."""

    OPEN = "open"
    EARLIER = "earlier"  # confirmed one that said something else
    CONFIRMED = "confirmed"
    NOTHING = "nothing"  # no section of this text is theirs to read
    COPY = "copy"  # for information: nothing is asked


def standing(asked: Acknowledgement, minutes: Minutes, clearance: int) -> Standing:
    """Where a reader of this clearance stands: a confirmation is bound to the extract that was read. It goes on to hold
    for a later text that says the same to this reader, and for one that was only put right."""
    if asked.is_copy:
        return Standing.COPY
    by_id = {each.id: each for each in minutes.versions}
    current = by_id.get(minutes.current_id) if minutes.current_id else None
    now = extracts.find_extract(current, clearance) if current is not None else None
    if current is None or now is None:
        return Standing.NOTHING
    read = by_id.get(asked.version_id) if asked.version_id else None
    if read is None or read.number > current.number or not _was_issued(read, asked):
        return Standing.OPEN
    if now.text_hash == asked.text_hash or (_same_reader(read, asked, clearance) and _only_put_right(read, current)):
        return Standing.CONFIRMED
    return Standing.EARLIER


def _was_issued(read: MinutesVersion, asked: Acknowledgement) -> bool:
    return any(each.document.content_hash == asked.version_hash for each in read.extracts)


def _same_reader(read: MinutesVersion, asked: Acknowledgement, clearance: int) -> bool:
    """Whoever reads more than then has something new before them, whatever the change since."""
    then = extracts.find_extract(read, clearance)
    return then is not None and then.text_hash == asked.text_hash


def _only_put_right(read: MinutesVersion, current: MinutesVersion) -> bool:
    since = [each for each in current.minutes.versions if read.number < each.number <= current.number]
    return all(each.is_editorial for each in since)
