"""The arithmetic and the writing of a benchmark's table; nothing here measures anything."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

NOISY = 0.25  # a spread over the median above which a figure is called noisy
NONE = "–"


@dataclass
class Column:
    """What was measured of one map.

    Attributes
    ----------
    name
        Its heading.
    samples
        Name of a measure → every single measurement of it, in that measure's own unit.
    remarks
        What there is to say where a figure is missing.
    """

    name: str
    samples: dict[str, list[float]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def add(self, measure: str, *values: float) -> None:
        """Note measurements."""
        self.samples.setdefault(measure, []).extend(values)

    def median(self, measure: str) -> float | None:
        """Return the median of a measure; None where it was not taken."""
        values = self.samples.get(measure)
        return statistics.median(values) if values else None

    def largest(self, measure: str) -> float | None:
        """Return the largest of a measure; None where it was not taken."""
        values = self.samples.get(measure)
        return max(values) if values else None


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below or at which a share of the values lie (the nearest rank).

    Raises
    ------
    ValueError
        There are no values, or the share is not within 0 to 1.
    """
    if not values or not 0 <= share <= 1:
        raise ValueError("a quantile needs values and a share of 0 to 1")
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 10_000) * len(ordered) // 10_000) - 1)]


def spread(values: Sequence[float]) -> float:
    """Return the distance between the quartiles as a share of the median."""
    middle = statistics.median(values)
    return (quantile(values, 0.75) - quantile(values, 0.25)) / abs(middle) if middle else 0.0


def ratio_of_medians(over: Sequence[float], under: Sequence[float]) -> float | None:
    """Return how many times the one is the other; None where either was not measured."""
    if not over or not under:
        return None
    return statistics.median(over) / statistics.median(under)


def milliseconds(value: float | None) -> str:
    """Write milliseconds, from ten seconds on as seconds."""
    if value is None:
        return NONE
    return f"{value / 1000:,.1f} s" if abs(value) >= 10_000 else f"{value:,.0f} ms"


def size(value: float | None) -> str:
    """Write bytes as kB or MB (1,000 to the kB)."""
    if value is None:
        return NONE
    return f"{value / 1e6:,.1f} MB" if value >= 1e6 else f"{value / 1e3:,.1f} kB"


def times(value: float | None) -> str:
    """Write a ratio."""
    return NONE if value is None else f"{value:,.2f}" if value < 10 else f"{value:,.0f}"


def judged(written: str, value: float | None, limit: float | None, at_least: bool = False) -> str:
    """Append whether a limit holds to a figure: ``1.42 (pass)``, ``1.61 (MISS, ≤ 1.5)``.

    Parameters
    ----------
    value, limit
        In the same unit; nothing is appended where either is None.
    at_least
        Whether the limit is the least that is wanted, not the most.
    """
    if value is None or limit is None:
        return written
    if value >= limit if at_least else value <= limit:
        return f"{written} (pass)"
    return f"{written} (**MISS**, {'≥' if at_least else '≤'} {limit:g})"


def table(heading: str, columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    """Return a Markdown table; rows of which nothing was measured are left out."""
    lines = [[heading, *columns], ["---", *["--:"] * len(columns)]]
    lines += [[name, *cells] for name, cells in rows.items() if any(cell != NONE for cell in cells)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def noisy(columns: Iterable[Column]) -> list[str]:
    """Return a sentence for each measure whose quartiles lie far apart, the widest first."""
    found = [
        (spread(values), column.name, measure, len(values))
        for column in columns
        for measure, values in column.samples.items()
        if len(values) >= 4 and spread(values) > NOISY
    ]
    return [
        f"{name}, {measure}: the middle half of {count} spreads over {wide:.0%} of the median."
        for wide, name, measure, count in sorted(found, reverse=True)
    ]
