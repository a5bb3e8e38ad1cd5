"""Numbers for a page or a command: one ``select … group by`` for each metric that is counted.

Stocks and flows are asked over periods alike. A period has a first and a last day; a stock is
what holds on its last day, a flow what happened within it. Without a time dimension there is one
period, from the beginning to the as-of date.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Protocol

import pandas as pd

from pppdash.errors import UsageError
from pppdash.metrics.filters import Filters
from pppdash.metrics.goals import Goals, only
from pppdash.metrics.registry import (
    AREA_COLUMNS,
    DIMENSIONS,
    METRICS,
    TIMES,
    Derived,
    Dimension,
    Flow,
    Metric,
    Stock,
)

BEGINNING = date(1, 1, 1)


class Queryable(Protocol):
    """What is asked of a warehouse."""

    build: Any

    def query(self, name: str, **parameters: Any) -> pd.DataFrame:
        """Run a query by name."""

    def execute(self, sql: str, parameters: Mapping[str, Any]) -> pd.DataFrame:
        """Run a statement with bound parameters."""


@dataclass(frozen=True)
class _Breakdown:
    """The columns to group by, and which of them are a time or an area layer."""

    columns: tuple[str, ...]
    time: str | None
    layer: str | None


def dimensions(build: Any) -> dict[str, Dimension]:
    """Every dimension of a city: its area layers first, then those that all cities have."""
    layers = {
        layer.name: Dimension(layer.name, layer.label, AREA_COLUMNS) for layer in build.layers
    }
    return layers | DIMENSIONS


def compute(
    warehouse: Queryable, metrics: Sequence[str], by: Sequence[str], filters: Filters
) -> pd.DataFrame:
    """Compute metrics, broken down by dimensions.

    Parameters
    ----------
    warehouse
        An open build.
    metrics
        Names in `METRICS`.
    by
        Names of dimensions: area layers of the city, ``sector``, ``size_band``, and one of
        ``month``, ``year``, ``flash_point``; none for one row in all.
    filters
        As of when and for which part of the city.

    Returns
    -------
    pd.DataFrame
        The dimensions' columns, then the metrics in the order asked. Counts are whole numbers,
        shares lie between 0 and 1 and are NaN where there is nothing to divide by. By a layer
        alone every area has its row, by a time alone every period, zero where nothing is; by
        several dimensions, every combination that occurs.

    Raises
    ------
    UsageError
        There is no such metric or dimension, or the breakdown makes no sense.
    """
    wanted = [_look_up(name, METRICS, "metric") for name in metrics]
    breakdown = _breakdown(warehouse, by)
    periods = _periods(warehouse, breakdown.time, filters.as_of)
    columns = list(breakdown.columns)
    frame = _spine(warehouse, breakdown, periods, filters)
    # A spine has every row that there can be; without one, whatever occurs has its row.
    how: Literal["left", "outer"] = "outer" if frame is None else "left"
    for counted in _to_count(wanted):
        part = _count(warehouse, counted, breakdown, periods, filters)
        frame = part if frame is None else _join(frame, part, columns, how)
    assert frame is not None  # every metric counts something, or needs one that does
    frame = _sorted(frame.fillna({name: 0 for name in _count_names(frame)}), breakdown)
    frame = frame.astype({name: "int64" for name in _count_names(frame)})
    frame = _with_derived(warehouse, frame, wanted, breakdown, filters)
    return frame[[*columns, *metrics]]


# -- what was asked ----------------------------------------------------------------------------


def _look_up(name: str, known: Mapping[str, Any], what: str) -> Any:
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
    raise UsageError(f"There is no {what} {name!r}; {hint}")


def _breakdown(warehouse: Queryable, by: Sequence[str]) -> _Breakdown:
    known = dimensions(warehouse.build)
    chosen = [_look_up(name, known, "dimension") for name in dict.fromkeys(by)]
    times = [dimension.name for dimension in chosen if dimension.name in TIMES]
    layers = [dimension.name for dimension in chosen if dimension.columns == AREA_COLUMNS]
    for group, what in ((times, "time"), (layers, "layer of areas")):
        if len(group) > 1:
            raise UsageError(f"Numbers can be broken down by one {what}, not {', '.join(group)}.")
    columns = tuple(column for dimension in chosen for column in dimension.columns)
    return _Breakdown(columns, times[0] if times else None, layers[0] if layers else None)


def _to_count(wanted: Iterable[Metric]) -> list[Metric]:
    """Return the metrics that SQL must count, derived ones replaced by what they need."""
    names: dict[str, Metric] = {}
    for metric in wanted:
        if isinstance(metric.counted, Derived):
            names |= {need: METRICS[need] for need in metric.counted.needs}
        else:
            names[metric.name] = metric
    return list(names.values())


def _count_names(frame: pd.DataFrame) -> list[str]:
    return [
        name
        for name in frame.columns
        if name in METRICS and not isinstance(METRICS[name].counted, Derived)
    ]


# -- periods -----------------------------------------------------------------------------------


def _periods(warehouse: Queryable, time: str | None, as_of: date) -> pd.DataFrame:
    """Every period with its columns, first and last day, none after the as-of date."""
    match time:
        case "month":
            starts = _month_starts(warehouse, as_of)
            columns = {"month": starts}
            ends = [(start + pd.offsets.MonthEnd()).date() for start in starts]
        case "year":
            years = sorted({start.year for start in _month_starts(warehouse, as_of)})
            starts = pd.DatetimeIndex([pd.Timestamp(year, 1, 1) for year in years])
            columns = {"year": years}
            ends = [date(year, 12, 31) for year in years]
        case "flash_point":
            events = warehouse.query("flash_points", as_of=as_of)
            events = events[events["window_start"] <= pd.Timestamp(as_of)]
            starts = pd.DatetimeIndex(events["window_start"])
            columns = {"flash_point_id": events["flash_point_id"], "flash_point": events["name"]}
            ends = [end.date() for end in pd.DatetimeIndex(events["window_end"])]
        case _:
            return pd.DataFrame({"starts_on": [BEGINNING], "ends_on": [as_of]})
    table = pd.DataFrame({name: list(values) for name, values in columns.items()})
    table["starts_on"] = [start.date() for start in starts]
    table["ends_on"] = [min(end, as_of) for end in ends]
    return table


def _month_starts(warehouse: Queryable, as_of: date) -> pd.DatetimeIndex:
    """First days of the months from the launch (or the first account) to the as-of date."""
    months = warehouse.query("months", launched_on=warehouse.build.launched_on)
    first = months["first_month"].iloc[0]
    if pd.isna(first):
        return pd.DatetimeIndex([])
    return pd.date_range(first, as_of, freq="MS")


# -- SQL ---------------------------------------------------------------------------------------


def _count(
    warehouse: Queryable,
    metric: Metric,
    breakdown: _Breakdown,
    periods: pd.DataFrame,
    filters: Filters,
) -> pd.DataFrame:
    """Count one metric: the dimensions' columns and the metric's."""
    columns = [*breakdown.columns, metric.name]
    if periods.empty:
        return pd.DataFrame(columns=columns)
    parameters = filters.params() | {
        "periods": list(range(len(periods))),
        "starts": periods["starts_on"].tolist(),
        "ends": periods["ends_on"].tolist(),
    }
    del parameters["as_of"]  # the periods end with it
    if breakdown.layer:
        parameters["by_layer"] = breakdown.layer
    counts = warehouse.execute(_statement(metric, breakdown), parameters)
    labels = periods.drop(columns=["starts_on", "ends_on"]).reset_index(names="period")
    return counts.merge(labels, on="period")[columns]


def _statement(metric: Metric, breakdown: _Breakdown) -> str:
    """Return the select that counts a metric: names from the registry, values all bound."""
    counted = metric.counted
    assert isinstance(counted, Stock | Flow)
    keys = [f"f.{name}" for name in breakdown.columns if name in ("sector", "size_band")]
    area_join = ""
    if breakdown.layer:
        keys += [f"d.{name}" for name in AREA_COLUMNS]
        area_join = (
            "inner join marts.building_areas as d on f.building_id = d.building_id "
            "and d.layer = $by_layer "
        )
    grouped = ", ".join(["p.period", *keys])
    return (
        "with periods as (select unnest($periods) as period, "
        "unnest($starts)::date as starts_on, unnest($ends)::date as ends_on) "
        f"select {grouped}, {metric.expression} as {metric.name} from periods as p "
        f"inner join marts.{counted.mart} as f on {_holds(counted)} "
        f"{area_join}where {_FILTERED} group by {grouped}"
    )


_FILTERED = (
    "($sectors is null or list_contains($sectors, f.sector)) "
    "and ($size_bands is null or list_contains($size_bands, f.size_band)) "
    "and ($areas is null or exists (select 1 from marts.building_areas as w "
    "where w.building_id = f.building_id and w.layer = $layer "
    "and list_contains($areas, w.area_id)))"
)


def _holds(counted: Stock | Flow) -> str:
    """Return the condition that ties a row to a period."""
    if isinstance(counted, Flow):
        return f"f.{counted.on} between p.starts_on and p.ends_on"
    conditions = []
    if counted.starts:
        unknown = f"f.{counted.starts} is null or " if counted.always_unless_dated else ""
        conditions.append(f"({unknown}f.{counted.starts} <= p.ends_on)")
    if counted.ends:
        conditions.append(f"(f.{counted.ends} is null or f.{counted.ends} > p.ends_on)")
    return " and ".join(conditions) or "true"


# -- shaping -----------------------------------------------------------------------------------


def _spine(
    warehouse: Queryable, breakdown: _Breakdown, periods: pd.DataFrame, filters: Filters
) -> pd.DataFrame | None:
    """Rows that must be there even where nothing is: the whole, all areas, or all periods."""
    if not breakdown.columns:
        return pd.DataFrame(index=[0])
    if breakdown.layer and breakdown.columns == AREA_COLUMNS:
        areas = warehouse.query("area_names", layer=breakdown.layer)
        if filters.areas and filters.layer == breakdown.layer:
            areas = areas[areas["area_id"].isin(filters.areas)]
        return areas.reset_index(drop=True)
    if breakdown.time and breakdown.columns == DIMENSIONS[breakdown.time].columns:
        return periods[list(breakdown.columns)]
    return None


def _join(
    left: pd.DataFrame, right: pd.DataFrame, columns: list[str], how: Literal["left", "outer"]
) -> pd.DataFrame:
    if not columns:
        return pd.concat([left, right], axis=1)
    return left.merge(right, on=columns, how=how)


def _sorted(frame: pd.DataFrame, breakdown: _Breakdown) -> pd.DataFrame:
    # Areas read by name, flash points as they came; everything else by its own value.
    order = [name for name in breakdown.columns if name not in ("flash_point_id", "flash_point")]
    order.sort(key=lambda name: name == "area_id")
    return frame.sort_values(order, kind="stable", ignore_index=True) if order else frame


def _with_derived(
    warehouse: Queryable,
    frame: pd.DataFrame,
    wanted: Sequence[Metric],
    breakdown: _Breakdown,
    filters: Filters,
) -> pd.DataFrame:
    names = {metric.name for metric in wanted}
    if names & {"shortfall", "goal"}:
        frame["goal"] = _goals(warehouse, frame, breakdown, filters)
    if "expected" in names:
        frame["city_coverage"] = _city_coverage(warehouse, frame, breakdown, filters)
    for metric in wanted:
        if not isinstance(metric.counted, Derived):
            continue
        if metric.name == "coverage_shrunken" and breakdown.time:
            keys = list(DIMENSIONS[breakdown.time].columns)
            parts = [metric.counted.compute(part) for _, part in frame.groupby(keys, sort=False)]
            frame[metric.name] = pd.concat(parts) if parts else pd.Series(dtype="float64")
        else:
            frame[metric.name] = metric.counted.compute(frame)
    return frame


def _goals(
    warehouse: Queryable, frame: pd.DataFrame, breakdown: _Breakdown, filters: Filters
) -> pd.Series:
    """Return each row's goal as a share; NaN where none is set."""
    goals = Goals(warehouse.query("goals"))
    layer = breakdown.layer or filters.layer
    areas = frame["area_id"] if breakdown.layer else [only(filters.areas)] * len(frame)
    sectors = frame["sector"] if "sector" in frame else [only(filters.sectors)] * len(frame)
    found = [goals.of(layer, area, sector) for area, sector in zip(areas, sectors, strict=True)]
    targets = [goal.target if goal else float("nan") for goal in found]
    return pd.Series(targets, frame.index, dtype="float64")


def _city_coverage(
    warehouse: Queryable, frame: pd.DataFrame, breakdown: _Breakdown, filters: Filters
) -> pd.Series:
    """Return the whole city's coverage in each row's period."""
    by = [breakdown.time] if breakdown.time else []
    city = compute(warehouse, ["coverage"], by, Filters(as_of=filters.as_of))
    if not breakdown.time:
        return pd.Series(city["coverage"].iloc[0], frame.index)
    key = DIMENSIONS[breakdown.time].columns[0]
    return frame[key].map(city.set_index(key)["coverage"])


# -- filters in words --------------------------------------------------------------------------


def parse_filters(
    warehouse: Queryable, as_of: date | None, where: Iterable[tuple[str, str]]
) -> Filters:
    """Turn a date and ``(key, value)`` pairs into filters, checking every one.

    Parameters
    ----------
    warehouse
        An open build.
    as_of
        The date; the build's default when not given.
    where
        ``sector``, ``size_band`` or an area layer, each with a value; several values of one key
        mean any of them. Areas go by id or name.

    Raises
    ------
    UsageError
        A key or value does not exist in this city, or the date lies ahead.
    """
    build = warehouse.build
    values: dict[str, list[str]] = {}
    for key, value in where:
        values.setdefault(key, []).append(value)
    layers = [layer.name for layer in build.layers]
    for key in values:
        _look_up(key, dict.fromkeys(["sector", "size_band", *layers]), "filter")
    chosen = [layer for layer in layers if layer in values]
    if len(chosen) > 1:
        raise UsageError(f"Filter by one layer of areas, not by {', '.join(chosen)}.")
    if as_of and as_of > max(build.last_on, date.today()):
        raise UsageError(f"{as_of} lies ahead; the newest there is on record is {build.last_on}.")
    filters = Filters(as_of=as_of or build.as_of, layer=chosen[0] if chosen else None)
    bands = [band.name for band in build.size_bands]
    return replace(
        filters,
        areas=_area_ids(warehouse, chosen[0], values[chosen[0]]) if chosen else (),
        sectors=_known("sector", values.get("sector", []), build.sectors),
        size_bands=_known("size_band", values.get("size_band", []), bands),
    )


def _known(key: str, values: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        next((name for name in known if name.casefold() == value.casefold()), None)
        or _look_up(value, dict.fromkeys(known), key)
        for value in values
    )


def _area_ids(warehouse: Queryable, layer: str, values: Sequence[str]) -> tuple[str, ...]:
    areas = warehouse.query("area_names", layer=layer)
    by_name = {
        name.casefold(): key for key, name in zip(areas["area_id"], areas["area_name"], strict=True)
    }
    by_name |= {key.casefold(): key for key in areas["area_id"]}
    return tuple(
        by_name.get(value.casefold()) or _look_up(value, by_name, layer) for value in values
    )
