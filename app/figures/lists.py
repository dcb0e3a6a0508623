"""The list behind each number: a number is the length of the list that it leads to."""

from collections.abc import Callable

from app.figures import numbers
from app.figures.numbers import Against, Case, Directive, Period
from app.figures.queries import Figures

CASES: dict[str, Callable[[Figures, Period], list[Case]]] = {
    "agreed": lambda told, period: numbers.on_time(told.cases, Against.AGREED, period),
    "agreed_missed": lambda told, period: numbers.missed(told.cases, Against.AGREED, period),
    "agreed_due": lambda told, period: numbers.due(told.cases, Against.AGREED, period),
    "strict": lambda told, period: numbers.on_time(told.cases, Against.STRICT, period),
    "strict_missed": lambda told, period: numbers.missed(told.cases, Against.STRICT, period),
    "strict_due": lambda told, period: numbers.due(told.cases, Against.STRICT, period),
    "late": lambda told, _period: numbers.late(told.cases),
    "unanswered": lambda told, _period: numbers.unanswered(told.cases),
    "silent": lambda told, _period: numbers.silent(told.cases),
    "carried": lambda told, _period: numbers.carried(told.cases, 1),
    "carried_often": lambda told, _period: numbers.carried(told.cases),
    "answered": lambda told, period: numbers.answered(told.cases, period),
    "judged": lambda told, period: _judged(told, period, returned=False),
    "returned": lambda told, period: _judged(told, period, returned=True),
}
DIRECTIVES: dict[str, Callable[[Figures, Period], list[Directive]]] = {
    "confirmed": lambda told, period: confirmed(told, period),
    "covered": lambda told, period: [each for each in confirmed(told, period) if each.is_covered],
    "uncovered": lambda told, period: [each for each in confirmed(told, period) if not each.is_covered],
}
NOW = ("late", "unanswered", "silent", "carried", "carried_often")  # told of this moment, whatever the year
# The same in the search language of the register, which lists requirements: each with such an assignment.
IN_THE_REGISTER = {
    "late": "is:late",
    "unanswered": "is:late is:waiting",
    "silent": "is:silent",
    "carried": "is:carried",
    "carried_often": "carry:>1",
}


def confirmed(told: Figures, period: Period) -> list[Directive]:
    """Directives by the day on which their wording was confirmed."""
    return [each for each in told.directives if each.confirmed_on is not None and each.confirmed_on in period]


def _judged(told: Figures, period: Period, *, returned: bool) -> list[Case]:
    """The assignment of each verification of the period: one that went back twice stands there twice."""
    of = {each.id: each for each in told.cases}
    found = [each for each in told.judgements if each.on in period and (each.is_returned or not returned)]
    return [of[each.case_id] for each in found]
