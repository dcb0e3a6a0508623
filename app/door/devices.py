"""Phones that keep a door without an account: made by the organizer, paired by a short code, ended at any time."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.models import SignInFailure
from app.accounts.queries import count_failures, wait_for_turn
from app.core import audit, clock
from app.core.config import secret_key, settings_now
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.door import policy, queries
from app.door.errors import NotPaired, TooManyTries
from app.door.keeper import Keeper
from app.door.models import Device, Point, Profile
from app.events.models import Event
from app.signing import tokens

PAIRING_LASTS = timedelta(minutes=10)
LONGEST = timedelta(days=366)
TRIES = 20
WINDOW = timedelta(minutes=10)
SEEN_EVERY = timedelta(minutes=1)


def make_device(
    event: Event,
    *,
    actor: Actor,
    name: str,
    expires_at: datetime,
    profile: str = Profile.SCAN,
    point: Point | None = None,
) -> Device:
    """A device, to be paired within ten minutes. Without a point it keeps all of them."""
    require(policy.may_arrange(actor, event))
    now = clock.now()
    if expires_at <= now:
        raise Refused(_("This time has passed already. Choose a later one."), field="expires_at")
    if expires_at > now + LONGEST:
        raise Refused(_("Please choose a time within a year."), field="expires_at")
    if point is not None and point.event_id != event.id:
        raise Refused(_("This point belongs to another event."), field="point")
    device = Device(event=event, point=point, name=name, profile=str(profile), expires_at=expires_at, by_id=actor.id)
    db.session.add(device)
    db.session.flush()
    _offer(device, now)
    audit.record(actor, "door.device_made", device, profile=str(profile), point=point)
    return device


def offer_again(device: Device, *, actor: Actor) -> None:
    """A new pairing code; a code that was shown before ends. The phone that is paired now stays so until then."""
    require(policy.may_arrange(actor, device.event))
    now = clock.now()
    if device.revoked_at is not None or device.expires_at <= now:
        raise Refused(_("This device has ended. Make a new one."))
    _offer(device, now)
    audit.record(actor, "door.pairing_offered", device)


def _offer(device: Device, now: datetime) -> None:
    device.pairing_until = (now + PAIRING_LASTS).replace(microsecond=0)
    device.pairing_hash = tokens.digest(pairing_code(device))


def pairing_code(device: Device) -> str:
    """The code of eight signs, derived and not stored: whoever reads the database does not have it."""
    assert device.pairing_until is not None
    words = f"door pairing {device.ref} {device.pairing_until.timestamp():.0f}"
    found = hmac.new(secret_key(settings_now()).encode(), words.encode(), hashlib.sha256).digest()
    return tokens.normalise("".join(tokens.ALPHABET[each % 32] for each in found[: tokens.DOOR_CODE_SYMBOLS]))


def pair(code: str) -> tuple[Device, str]:
    """Take the code and give the token, of which only the digest is kept. Of two who use a code at once one is paired.

    Call `count_try` before.
    """
    now = clock.now()
    known = tokens.normalise(code)
    device = db.session.scalar(
        select(Device)
        .where(Device.pairing_hash == tokens.digest(known))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if not known or device is None or not device.can_be_paired_at(now):
        raise NotPaired(_("This code is wrong, used, or older than ten minutes. Ask for a new one."), field="code")
    token = secrets.token_urlsafe(32)
    device.token_hash, device.paired_at, device.seen_at = tokens.digest(token), now, now
    device.pairing_hash = device.pairing_until = None
    audit.record(Keeper(device), "door.device_paired", device)
    return device, token


def count_try(address: str) -> None:
    """Count a try at a code before it is judged; in a unit of work of its own, so that it stays counted."""
    since, key = clock.now() - WINDOW, f"door:{address}"[:80]
    wait_for_turn(key)
    if count_failures(key, since) >= TRIES:
        raise TooManyTries(_("Too many tries. Please wait ten minutes, or ask the organizer for a link."))
    db.session.add(SignInFailure(key=key))


def revoke(device: Device, *, actor: Actor) -> None:
    """End a device at once: its next request is refused."""
    require(policy.may_arrange(actor, device.event))
    if device.revoked_at is not None:
        raise Refused(_("This device has ended already."))
    edit(device, version=None, revoked_at=clock.now(), token_hash=None, pairing_hash=None, pairing_until=None)
    audit.record(actor, "door.device_ended", device)


def keeper_of(token: str) -> Keeper | None:
    """The device behind a token, while it is on."""
    device = queries.find_device_by_token(tokens.digest(token[:200])) if token else None
    return Keeper(device) if device is not None and device.is_on_at(clock.now()) else None


def is_seen_long_ago(device: Device, now: datetime) -> bool:
    return device.seen_at is None or now - device.seen_at > SEEN_EVERY


def see(device: Device) -> None:
    """Note that the device was here."""
    device.seen_at = clock.now()
