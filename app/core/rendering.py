"""How templates are filled: the environment of all, parts of pages that are printed once, and mails, which are no pages."""

import re
from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

from flask import Flask, current_app
from flask.templating import Environment
from markupsafe import Markup, escape

from app.core.i18n import language_tag


class HufuEnvironment(Environment):
    """Every template has the same globals, and no view adds to them.

    A plain dict of them is compared a hundred times as fast as Jinja's ChainMap, which it does at each import of a
    macro: nine times on a page.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return ChainMap(d, self.globals) if d else self.globals


def render(template: str, **context: Any) -> str:
    """Fill a template with this alone: a mail reads nothing of the visitor, and works where there is none."""
    return current_app.jinja_env.get_template(template).render(context)


# --- parts that are equal on many pages ---------------------------------------------------------------------------

KEPT = 500  # prints, of some kilobytes each
# A text that people typed holds no such signs, and the parts are cut at them before anything of the visitor comes in.
HOLE = re.compile("\x02([a-z]+)\x03")


def print_parts(app: Flask) -> None:
    """Give templates `printed(template, own, …)`: the template filled with these values, printed once for equal ones.

    A print is kept under its template, the language and all that it was filled with: it reads nothing else, so that
    whoever gets it would have been printed the same. What is the visitor's own is no part of it: `own` holds it by
    name, the print has holes of these names, and they are filled anew for each page.
    """

    @lru_cache(maxsize=KEPT)
    def cut(template: str, _language: str, names: tuple[str, ...], shared: tuple[tuple[str, Any], ...]) -> list[str]:
        holes = {name: f"\x02{name}\x03" for name in names}
        return HOLE.split(app.jinja_env.get_template(template).render({"own": holes, **dict(shared)}))

    def printed(template: str, own: Mapping[str, str], **shared: Any) -> Markup:
        parts = list(cut(template, language_tag(), tuple(own), tuple(shared.items())))
        for at in range(1, len(parts), 2):
            parts[at] = escape(own.get(parts[at], ""))
        return Markup("".join(parts))  # noqa: S704  # our own template, and what fills its holes is escaped

    globals_: dict[str, Any] = app.jinja_env.globals
    globals_["printed"] = printed
