"""The secret in the address of the hall's screen: derived and not stored, so that nobody who reads the database has it."""

import hashlib
import hmac

from app.core.config import secret_key, settings_now
from app.stage.models import Stage

SIGNS = 40  # hexadecimal: 160 bits


def token_of(stage: Stage) -> str:
    key = secret_key(settings_now()).encode()
    return hmac.new(key, f"hall screen {stage.ref} {stage.screen_turn}".encode(), hashlib.sha256).hexdigest()[:SIGNS]
