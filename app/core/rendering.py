"""Templates for what is not a page: mails."""

from typing import Any

from flask import current_app


def render(template: str, **context: Any) -> str:
    """Fill a template with this alone: a mail reads nothing of the visitor, and works where there is none."""
    return current_app.jinja_env.get_template(template).render(context)
