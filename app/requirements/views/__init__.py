"""The URLs of requirements and of their assignments."""

from app.requirements.pages import blueprint
from app.requirements.views import assignments as _assignments  # noqa: F401 — names its routes
from app.requirements.views import requirements as _requirements  # noqa: F401 — names its routes

__all__ = ["blueprint"]
