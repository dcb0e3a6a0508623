"""Templates for what is not a page: mails."""

from typing import Any

from flask import render_template


def render(template: str, **context: Any) -> str:
    return render_template(template, **context)
