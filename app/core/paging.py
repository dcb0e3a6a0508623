"""Long lists, a page at a time."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select

from app.core.db import db

Row = TypeVar("Row")
SIZES = (25, 50, 100)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list, as the pager shows it."""

    rows: list[Row]
    page: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))


def paged(statement: Select[Row], *, page: int, per_page: int) -> Page[Row]:
    """Two SQL statements: how many there are, and this page's rows. A page beyond the end is the last one."""
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    last = max(1, -(-total // per_page))
    page = min(max(1, page), last)
    rows = list(db.session.scalars(statement.limit(per_page).offset((page - 1) * per_page)).unique())
    return Page(rows, page, per_page, total)


def asked_page(arguments) -> tuple[int, int]:
    """`page` and `per_page` of a query string, whatever stands there: never negative, never huge (UP11)."""

    def number(name: str, otherwise: int, most: int) -> int:
        raw = str(arguments.get(name, ""))
        return min(max(1, int(raw)), most) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else otherwise

    per_page = number("per_page", SIZES[0], SIZES[-1])
    return number("page", 1, 1_000_000), per_page if per_page in SIZES else SIZES[0]


def escape_like(words: str) -> str:
    """Words as themselves inside a LIKE pattern with escape character backslash (IN12)."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
