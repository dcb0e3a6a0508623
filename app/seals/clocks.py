"""What is trusted of somebody else's clock: the folder HUFU_TSA_TRUST, whoever asks."""

from pathlib import Path

from app.core.config import settings_now
from app.seals.sealing import Stamping, der, time_stamper


def trusted_roots() -> tuple[bytes, ...]:
    """The roots of time-stamp authorities (DER)."""
    return _trusted("*.pem")


def stamping_now() -> Stamping | None:
    """The time-stamp authority of the settings, with what of it is trusted; None where none is set."""
    url = settings_now().tsa_url
    return Stamping(time_stamper(url), roots=trusted_roots(), crls=_trusted("*.crl")) if url else None


def _trusted(kind: str) -> tuple[bytes, ...]:
    folder = settings_now().tsa_trust
    return tuple(der(each.read_bytes()) for each in sorted(Path(folder).glob(kind))) if folder else ()
