"""Waves of a survey on a true time axis, the flash points marked, and who answered each wave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pppdash.analysis.windows import first_day, month_of
from pppdash.views import rules, survey_sentences, theme
from pppdash.views.parts import Chart, Column, TableView
from pppdash.views.rules import Rule
from pppdash.views.text import plot_text
from pppdash.views.theme import Palette

HEIGHT_PX = 150
LINE_PX = 15  # a second line of marks below the axis
MOST_LABELS = 8
MOST_RULES = 12
LEAST_PART = 1 / 3  # waves that fill less of the program's own time get an axis of their own
PAD = 0.12
YEARLY_FROM = timedelta(days=730)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Mark:
    """A flash point as the time axis needs it."""

    flash_point_id: str
    name: str
    started_on: date

    @property
    def opened(self) -> float:
        """How much it weighs where not all can be named: the later ones more."""
        return float(self.started_on.toordinal())


@dataclass(frozen=True)
class TimeAxis:
    """From when to when every chart of the page runs, the waves in it, and its flash points."""

    first: date
    last: date
    waves: tuple[date, ...]
    rules: tuple[Rule, ...]

    @property
    def names(self) -> str:
        """The flash points in it in words; empty where there is none."""
        return ", ".join(rule.event.name for rule in self.rules)


def time_axis(
    waves: Iterable[date], flash_points: pd.DataFrame, launched_on: date | None, as_of: date
) -> TimeAxis:
    """Return the axis of all charts of the page.

    It is that of the other pages, from the launch to the as-of date, where the waves fill enough
    of it; else it ends a little beyond the waves.

    Parameters
    ----------
    waves
        Days; any number, in any order.
    flash_points
        ``flash_point_id, name, started_on``.
    """
    held = sorted(set(waves)) or [as_of]
    first, last = held[0], held[-1]
    whole = (as_of - launched_on).days if launched_on else 0
    if launched_on and (last - first).days >= LEAST_PART * whole > 0:
        end = first_day(month_of(max(last, as_of)) + 1)
        first, last = min(first, launched_on.replace(day=1)), end
    else:
        pad = timedelta(days=max(20, round(PAD * (last - first).days)))
        first, last = first - pad, last + pad
    marks = [
        Mark(str(row.flash_point_id), str(row.name), pd.Timestamp(row.started_on).date())
        for row in flash_points.itertuples(index=False)
    ]
    return TimeAxis(first, last, tuple(held), _few(rules.place_rules(marks, first, last)))


def _few(placed: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return all rules, or of very many those with names: a small panel bears no more."""
    if len(placed) <= MOST_RULES:
        return tuple(placed)
    return tuple(rule for rule in placed if rule.row >= 0)


def layout(
    when: TimeAxis,
    colors: Palette,
    height: int,
    y: dict[str, Any],
    notes: Sequence[dict[str, Any]] = (),
    below: int = 0,
    **more: Any,
) -> dict[str, Any]:
    """Return the layout of a chart over the waves.

    Parameters
    ----------
    height
        In pixels, the names of the flash points not counted.
    y
        The vertical axis.
    notes
        Annotations beside the names of the flash points.
    below
        Pixels for further marks below those of the axis.
    """
    margin = rules.margin(when.rules)
    tall = height + margin["t"]
    return theme.figure_layout(
        colors,
        tall,
        margin={**margin, "b": margin["b"] + below},
        xaxis=_axis(when, colors),
        yaxis=y,
        shapes=[_thin(line, colors) for line in rules.lines(when.rules, colors, tall - below)],
        annotations=[*rules.names(when.rules, colors), *notes],
        **more,
    )


def _thin(line: dict[str, Any], colors: Palette) -> dict[str, Any]:
    """Return a flash point's rule as a small panel bears it: no stronger than the answers."""
    return {**line, "layer": "below", "line": {**line["line"], "color": colors.gray}}


def _axis(when: TimeAxis, colors: Palette) -> dict[str, Any]:
    is_long = when.last - when.first > YEARLY_FROM
    ticks = _januaries(when) if is_long else _spread(when.waves, when)
    texts = [str(day.year) if is_long else theme.month_short(day) for day in ticks]
    return theme.time_axis(colors, when.first, when.last, ticks, texts)


def _januaries(when: TimeAxis) -> list[date]:
    years = when.last.year - when.first.year
    step = 1 if years <= 6 else 2 if years <= 12 else 5
    return [date(year, 1, 1) for year in range(when.first.year + 1, when.last.year + 1, step)]


def _spread(waves: Sequence[date], when: TimeAxis) -> list[date]:
    """Return those of the waves whose marks do not touch one another, the last one among them."""
    least = (when.last - when.first) / 5
    kept: list[date] = []
    for day in reversed(waves):
        if not kept or kept[-1] - day >= least:
            kept.append(day)
    return kept[::-1]


def marked(when: TimeAxis) -> str:
    """Return which flash points a chart marks, for its alt text; empty for none."""
    return f" Flash points marked: {when.names}." if when.names else ""


def labeled(days: Sequence[date], when: TimeAxis) -> list[int]:
    """Return which of some days, in order, get a label: all, or the first and the last."""
    is_wide = _least_gap(days, when) >= (when.last - when.first) / MOST_LABELS
    return list(range(len(days))) if is_wide else sorted({0, len(days) - 1})


def _least_gap(days: Sequence[date], when: TimeAxis) -> timedelta:
    return min((b - a for a, b in pairwise(days)), default=when.last - when.first)


def respondents(waves: pd.DataFrame, when: TimeAxis, least: int, colors: Palette) -> Chart:
    """Draw how many were asked and how many answered, wave by wave.

    Parameters
    ----------
    waves
        ``Survey.waves``: what is suppressed there is missing and said to be.
    least
        Fewer respondents than this are suppressed.
    """
    top = waves[["invited", "respondents"]].astype("float64").max().max()
    y = theme.axis(
        colors,
        showgrid=bool(top > 0),
        showticklabels=bool(top > 0),
        nticks=3,
        range=[0, 1.25 * (top if top > 0 else 1)],
        tickformat=",",
    )
    labels = _bar_labels(waves, when, colors)
    return Chart(
        figure=go.Figure(
            data=_bars(waves, when, colors),
            layout=layout(when, colors, HEIGHT_PX, y, labels, barmode="overlay"),
        ),
        title=survey_sentences.answered(waves),
        subtitle=_subtitle(waves),
        footnote="",
        alt=_alt(waves, when, least),
        table=respondents_table(waves, least),
    )


def _bars(waves: pd.DataFrame, when: TimeAxis, colors: Palette) -> list[dict[str, Any]]:
    days = [wave.date() for wave in waves["wave"]]
    width = min(0.6 * _least_gap(days, when), (when.last - when.first) / 12)
    texts = [_wave_text(row) for row in waves.itertuples()]
    shared = {
        "type": "bar",
        "x": [day.isoformat() for day in days],
        "width": width / MILLISECOND,
        "hovertext": texts,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    hollow = {"color": theme.CLEAR, "line": {"color": colors.gray, "width": 1.5}}
    solid = {"color": colors.accent, "line": {"width": 0}}
    return [
        {**shared, "y": _known(waves["invited"]), "marker": hollow},
        {**shared, "y": _known(waves["respondents"]), "marker": solid},
    ]


def _known(values: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in values]


def _wave_text(row: Any) -> str:
    return f"{plot_text(row.label)}: {survey_sentences.of_asked(row)}"


def _bar_labels(waves: pd.DataFrame, when: TimeAxis, colors: Palette) -> list[dict[str, Any]]:
    shown = labeled([wave.date() for wave in waves["wave"]], when)
    return [
        {
            "text": _bar_label(row),
            "x": row.wave.date().isoformat(),
            "y": max((v for v in (row.invited, row.respondents) if not pd.isna(v)), default=0),
            "yanchor": "bottom",
            "showarrow": False,
            "bgcolor": colors.ground,
            "font": {"size": 12, "color": colors.ink},
        }
        for i, row in enumerate(waves.itertuples())
        if i in shown
    ]


def _bar_label(row: Any) -> str:
    if row.suppressed:
        return "suppressed"
    if theme.is_known(row.response_rate):
        return theme.percent(row.response_rate)
    return theme.count(row.respondents)


def _subtitle(waves: pd.DataFrame) -> str:
    if waves["invited"].notna().any():
        return "Filled: answered; outlined: asked; above: the share that answered"
    return "How many answered each wave; how many were asked is unknown"


def _alt(waves: pd.DataFrame, when: TimeAxis, least: int) -> str:
    said = "; ".join(
        f"{row.label}: {survey_sentences.of_asked(row, least)}" for row in waves.itertuples()
    )
    return f"Bars of who answered, wave by wave. {said}.{marked(when)}"


def respondents_table(waves: pd.DataFrame, least: int) -> TableView:
    """Return who was asked and who answered as a table."""
    note = survey_sentences.notes(waves["suppressed"], least)
    weighted = [survey_sentences.variables(text) for text in waves["weighted_to"]]
    return TableView(
        waves.assign(note=note, weighted=weighted),
        (
            Column("label", "Wave"),
            Column("wave", "Held", "date"),
            Column("invited", "Asked", "count"),
            Column("respondents", "Answered", "count"),
            Column("response_rate", "Share that answered", "percent"),
            Column("weighted", "Weighted to"),
            Column("note", "Note"),
        ),
        "survey-respondents",
        "Who answered, wave by wave",
        applied="date",
    )
