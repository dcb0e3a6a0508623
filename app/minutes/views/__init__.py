"""The URLs of minutes: the library, the list of an event, the page that reads like paper, and each act on it."""

from app.minutes import printing
from app.minutes.views import (
    adopting,
    attaching,
    changing,
    comparing,
    distributing,
    exporting,
    filing,
    importing,
    lists,
    reading,
    recorded,
    reviewing,
    signing_off,
    templating,
    writing,
)
from app.minutes.views.frame import blueprint

__all__ = [
    "adopting",
    "attaching",
    "blueprint",
    "changing",
    "comparing",
    "distributing",
    "exporting",
    "filing",
    "importing",
    "lists",
    "printing",
    "reading",
    "recorded",
    "reviewing",
    "signing_off",
    "templating",
    "writing",
]
