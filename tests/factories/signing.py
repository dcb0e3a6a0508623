"""The signing room as a browser without JavaScript goes through it, and consents given by their own act."""

import re
from typing import Any

from app.consents import queries as consents
from app.consents import services as consenting
from app.core.db import unit_of_work
from app.pledges import services
from app.pledges.models import Pledge, Signature, SignatureSlot
from tests.cast import Cast

ROOM = "r" * 16


def enter(visitor: Any, url: str, place: str = "") -> str:
    """Read the pledge at this address to its end and agree to sign electronically; the page as it asks for the proof."""
    room = f"{url}/sign" + (f"?place={place}" if place else "")
    assert visitor.get(room).status_code == 200
    assert visitor.post(f"{url}/sign/reading", {"place": place}).status_code == 303
    page = visitor.get("/account/consent").get_data(as_text=True)
    shown = re.search(r'name="text_hash"[^>]*value="([0-9a-f]{64})"', page)
    if shown:
        assert visitor.post("/account/consent", {"text_hash": shown[1]}).status_code == 303
    return visitor.get(room).get_data(as_text=True)


def slot_of(pledge: Pledge, cast: Cast, name: str) -> SignatureSlot:
    return next(each for each in pledge.slots if each.person_id == cast.people[name].id)


def agree(cast: Cast, *names: str) -> None:
    for name in names:
        shown = consents.present_text().content_hash
        with unit_of_work():
            consenting.give(cast.people[name], actor=cast.accounts[name], shown_hash=shown)


def presence(**more: Any) -> services.Presence:
    told = {"room": ROOM, "address": "192.0.2.7", "browser": "A browser", "language": "en"}
    return services.Presence(**{**told, **more})


def read(slot: SignatureSlot, cast: Cast, name: str, room: str = ROOM) -> None:
    with unit_of_work():
        services.reach_end(slot, actor=cast.accounts[name], room=room, seconds=3)


def sign_in_room(pledge: Pledge, cast: Cast, name: str, **more: Any) -> Signature:
    """As the page does it: read to the end, agreed, signed with the password."""
    slot = slot_of(pledge, cast, name)
    agree(cast, name)
    read(slot, cast, name)
    with unit_of_work():
        return services.sign(
            slot, actor=cast.accounts[name], shown_hash=pledge.content_hash or "", presence=presence(**more)
        )
