"""The geometry of plots: numbers become places on a drawing. The page draws them as SVG, with the table beneath."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

HEIGHT = 220.0
LEFT, RIGHT, TOP, BOTTOM = 38.0, 8.0, 14.0, 26.0
LABEL = 62.0  # so much room does a label under the axis take


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True)
class Plot:
    """A drawing of so many units, with what stands on its axes."""

    width: float
    height: float
    boxes: Sequence[Box]
    lines: Sequence[tuple[str, str]]  # (class, points)
    rules: Sequence[tuple[float, str]]  # (y, label)
    labels: Sequence[tuple[float, str]]  # (x, label)
    base: float
    left: float
    right: float


def steps(most: int) -> list[int]:
    """Round numbers from 0 to at least `most`, five at most."""
    if most <= 4:
        return list(range(max(most, 1) + 1))
    magnitude = 10 ** floor(log10(most))
    for unit in (magnitude // 5, magnitude // 4, magnitude // 2, magnitude, magnitude * 2):
        if unit >= 1 and -(-most // unit) <= 5:
            return [unit * n for n in range(-(-most // unit) + 1)]
    return [0, most]


def _frame(
    number: int, most: int, width: float, height: float = HEIGHT
) -> tuple[list[tuple[float, str]], float, float, float]:
    """Rules, the height of one unit, the base line, and the width of one place."""
    marks = steps(most)
    base = height - BOTTOM
    unit = (base - TOP) / marks[-1]
    rules = [(round(base - each * unit, 1), str(each)) for each in marks]
    return rules, unit, base, (width - LEFT - RIGHT) / max(1, number)


def _labels(words: Sequence[str], place: float) -> list[tuple[float, str]]:
    """As many of the labels as have room, the first one among them."""
    every = max(1, -(-int(LABEL) // max(1, int(place))))
    return [(round(LEFT + (n + 0.5) * place, 1), word) for n, word in enumerate(words) if n % every == 0]


def columns(values: Sequence[tuple[str, int]], width: float) -> Plot:
    """A column for each (label, number)."""
    rules, unit, base, place = _frame(len(values), max((each[1] for each in values), default=0), width)
    gap = min(3.0, place * 0.2)
    boxes = [
        Box(
            round(LEFT + n * place + gap / 2, 1), round(base - number * unit, 1), round(max(0.5, place - gap), 1),
            round(number * unit, 1), f"{label}: {number}",
        )
        for n, (label, number) in enumerate(values)
        if number
    ]  # fmt: skip
    return Plot(
        width, HEIGHT, boxes, [], rules, _labels([each[0] for each in values], place), base, LEFT, width - RIGHT
    )


def curves(
    words: Sequence[str],
    series: Sequence[tuple[str, Sequence[int]]],
    width: float,
    *,
    most: int = 0,
    height: float = HEIGHT,
) -> Plot:
    """A line for each (class, numbers), all on one scale that reaches at least to `most`."""
    top = max([most, *(number for _name, numbers in series for number in numbers)])
    rules, unit, base, place = _frame(len(words), top, width, height)
    lines = []
    for name, numbers in series:
        points = [(LEFT + (n + 0.5) * place, base - number * unit) for n, number in enumerate(numbers)]
        if len(points) == 1:  # one day is a stroke, not a dot that nobody sees
            points = [(LEFT, points[0][1]), (width - RIGHT, points[0][1])]
        lines.append((name, " ".join(f"{x:.1f},{y:.1f}" for x, y in points)))
    return Plot(width, height, [], lines, rules, _labels(words, place), base, LEFT, width - RIGHT)
