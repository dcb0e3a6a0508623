"""Categories, nominations and juries for tests, made by their own acts."""

import itertools
from collections.abc import Sequence
from typing import Any

from app.core.roles import SYSTEM
from app.events.models import Event
from app.nominations import services
from app.nominations.models import Category, Nomination
from app.people.models import Person, Team
from tests.cast import Cast

_number = itertools.count(1)


def make_category(event: Event, *, jurors: Sequence[Person] = (), **values: Any) -> Category:
    category = services.add_category(event, actor=SYSTEM, **{"title": f"Category {next(_number)}", **values})
    for each in jurors:
        services.add_juror(category, each, actor=SYSTEM)
    return category


def make_nomination(category: Category, who: Person | Team | services.Outside, by: Any = SYSTEM) -> Nomination:
    """Submitted, with one piece of evidence."""
    nomination = services.propose(category, who, actor=by, reason="Line 2 runs again.")
    services.add_evidence(nomination, actor=by, words="The shift book of March.")
    return services.submit(nomination, actor=by)


def put_before_jury(nomination: Nomination) -> Nomination:
    services.find_eligible(nomination, actor=SYSTEM, eligible=True)
    return services.shortlist(nomination, actor=SYSTEM)


def make_scored(
    cast: Cast, event: Event, *nominees: Any, scores: Sequence[int] = (), **values: Any
) -> list[Nomination]:
    """A category whose jury of two, Sven and Tom, gave each nominee the same from both; nobody stands near."""
    category = make_category(event, jurors=[cast.people["sven"], cast.people["tom"]], quorum=2, **values)
    made = [put_before_jury(make_nomination(category, each, by=cast.accounts["dora"])) for each in nominees]
    for nomination, points in zip(made, scores or [8] * len(made), strict=True):
        for juror in (cast.sven, cast.tom):
            services.score(nomination, actor=juror, score=points)
    return made
