"""Numbers for a page or a command: one ``select … group by`` for all stocks, one for each flow.

Stocks and flows are asked over periods alike. A period has a first and a last day; a stock is
what holds on its last day, a flow what happened within it. Without a time dimension there is one
period, from the beginning to the as-of date.

A stock is the sum of its changes up to a day, and ``marts.area_changes`` holds those of every
area. Only where its areas cannot tell, within a part of the map or in the areas of one layer
that lie in another's, are the rows themselves counted.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import pandas as pd

from pppdash.errors import UsageError
from pppdash.metrics.filters import Box, Circle, Filters
from pppdash.metrics.goals import Goals, only
from pppdash.metrics.periods import Queryable, list_periods
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

__all__ = ["Queryable", "compute", "dimensions", "parse_filters"]


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
    periods = list_periods(warehouse, breakdown.time, filters.as_of)
    columns = list(breakdown.columns)
    frame = _spine(warehouse, breakdown, periods, filters)
    # A spine has every row that there can be; without one, whatever occurs has its row.
    how: Literal["left", "outer"] = "outer" if frame is None else "left"
    for part in _count(warehouse, _to_count(wanted), breakdown, periods, filters):
        frame = part if frame is None else _join(frame, part, columns, how)
    assert frame is not None  # every metric counts something, or needs one that does
    frame = _sorted(frame.fillna({name: 0 for name in _count_names(frame)}), breakdown, periods)
    frame = frame.reset_index(drop=True).astype({name: "int64" for name in _count_names(frame)})
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


# -- SQL ---------------------------------------------------------------------------------------


def _count(
    warehouse: Queryable,
    metrics: Sequence[Metric],
    breakdown: _Breakdown,
    periods: pd.DataFrame,
    filters: Filters,
) -> Iterator[pd.DataFrame]:
    """Yield frames of the dimensions' columns and some of the metrics, until all are counted."""
    parameters = filters.params() | {
        "periods": list(range(len(periods))),
        "starts": periods["starts_on"].tolist(),
        "ends": periods["ends_on"].tolist(),
        "by_layer": breakdown.layer,
        "summed_layer": _summed_layer(breakdown, filters),
    }
    is_summed = parameters["summed_layer"] is not None
    stocks = [m.name for m in metrics if is_summed and isinstance(m.counted, Stock)]
    statements = {_sum_statement(stocks, breakdown): stocks} if stocks else {}
    for metric in metrics:
        if metric.name not in stocks:
            statements[_row_statement(metric, breakdown, filters)] = [metric.name]
    labels = periods.drop(columns=["starts_on", "ends_on"]).reset_index(names="period")
    for statement, names in statements.items():
        columns = [*breakdown.columns, *names]
        if periods.empty:
            yield periods.reindex(columns=columns)
        else:
            yield warehouse.execute(statement, parameters).merge(labels, on="period")[columns]


def _summed_layer(breakdown: _Breakdown, filters: Filters) -> str | None:
    """Return the layer in whose changes stocks can be summed, '' for the whole city's.

    None where there is no such layer, and rows must be counted.
    """
    layers = {breakdown.layer, filters.layer if filters.areas else None} - {None}
    if filters.within or len(layers) > 1:
        return None
    return layers.pop() if layers else ""


_PERIODS = (
    "periods as (select unnest($periods) as period, "
    "unnest($starts)::date as starts_on, unnest($ends)::date as ends_on)"
)
_OF_KIND = (
    "($sectors is null or list_contains($sectors, f.sector)) "
    "and ($size_bands is null or list_contains($size_bands, f.size_band))"
)
_IN_AREAS = (
    "f.place in (select w.place from marts.building_areas as w "
    "where w.layer = $layer and list_contains($areas, w.area_id))"
)
_WITHIN = (
    "f.place in (select b.place from marts.buildings as b "
    "where b.x between $x0 and $x1 and b.y between $y0 and $y1 "
    "and ($radius_m is null "
    "or marts.distance_m(b.latitude, b.longitude, $latitude, $longitude) <= $radius_m))"
)


def _sum_statement(stocks: Sequence[str], breakdown: _Breakdown) -> str:
    """Return the select that adds up what changed until the end of each period.

    Changes are added up to the next end of a period first, so that only few sums meet all the
    periods that they belong to; periods may overlap.
    """
    keys = [name for name in breakdown.columns if name in ("sector", "size_band")]
    area, area_join = "", ""
    if breakdown.layer:
        keys.append("area_id")
        area = ", coalesce(a.name, s.area_id) as area_name"
        area_join = "left join marts.areas as a on s.area_id = a.area_id and a.layer = $by_layer "
    by_day = ", ".join([*(f"f.{key}" for key in keys), *(f"sum(f.{n}) as {n}" for n in stocks)])
    by_period = ", ".join(["p.period", *(f"s.{key}" for key in keys)])
    sums = ", ".join(f"sum(s.{name})::bigint as {name}" for name in stocks)
    any_left = " or ".join(f"sum(s.{name}) <> 0" for name in stocks)
    return (
        f"with {_PERIODS}, "
        "days as (select distinct changed_on from marts.area_changes where layer = $summed_layer), "
        "due as (select d.changed_on, e.ends_on from days as d asof inner join "
        "(select distinct ends_on from periods) as e on d.changed_on <= e.ends_on), "
        f"sums as (select due.ends_on, {by_day} from marts.area_changes as f "
        "inner join due on f.changed_on = due.changed_on where f.layer = $summed_layer "
        f"and ($areas is null or list_contains($areas, f.area_id)) and {_OF_KIND} group by all) "
        f"select {by_period}{area}, {sums} from periods as p "
        f"inner join sums as s on s.ends_on <= p.ends_on {area_join}group by all having {any_left}"
    )


def _row_statement(metric: Metric, breakdown: _Breakdown, filters: Filters) -> str:
    """Return the select that counts a metric's rows: names from the registry, values all bound."""
    counted = metric.counted
    assert isinstance(counted, Stock | Flow)
    keys = [f"f.{name}" for name in breakdown.columns if name in ("sector", "size_band")]
    area_join = ""
    if breakdown.layer:
        keys += [f"d.{name}" for name in AREA_COLUMNS]
        area_join = (
            "inner join marts.building_areas as d on f.place = d.place and d.layer = $by_layer "
        )
    asked = [_OF_KIND, *([_IN_AREAS] * bool(filters.areas)), *([_WITHIN] * bool(filters.within))]
    grouped = ", ".join(["p.period", *keys])
    # Chosen once for all periods: what lies in a part of the map is found by reading only that.
    return (
        f"with {_PERIODS}, chosen as materialized "
        f"(select f.* from marts.{counted.mart} as f where {' and '.join(asked)}) "
        f"select {grouped}, {metric.expression} as {metric.name} from periods as p "
        f"inner join chosen as f on {_holds(counted)} {area_join}group by {grouped}"
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


def _sorted(frame: pd.DataFrame, breakdown: _Breakdown, periods: pd.DataFrame) -> pd.DataFrame:
    # Areas read by name, flash points as they came; everything else by its own value.
    if breakdown.time == "flash_point":
        came = {event: number for number, event in enumerate(periods["flash_point_id"])}
        frame = frame.sort_values("flash_point_id", key=lambda ids: ids.map(came), kind="stable")
    order = [name for name in breakdown.columns if name not in ("flash_point_id", "flash_point")]
    order.sort(key=lambda name: name == "area_id")
    return frame.sort_values(order, kind="stable") if order else frame


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
    warehouse: Queryable,
    as_of: date | None,
    where: Iterable[tuple[str, str]],
    within: Box | Circle | None = None,
) -> Filters:
    """Turn a date, ``(key, value)`` pairs and a part of the map into filters, checking every one.

    Parameters
    ----------
    warehouse
        An open build.
    as_of
        The date; the build's default when not given.
    where
        ``sector``, ``size_band`` or an area layer, each with a value; several values of one key
        mean any of them. Areas go by id or name.
    within
        A part of the map; in a city across the 180th meridian its longitudes may be given as
        they are west or east of it.

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
        within=within and _as_the_city_lies(warehouse, within),
    )


def _as_the_city_lies(warehouse: Queryable, within: Box | Circle) -> Box | Circle:
    extent = warehouse.query("map_extent").iloc[0]
    is_across = extent["east"] > 180  # not so where it is unknown, either
    return within.eastward() if is_across and within.bounds().east < extent["west"] else within


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
