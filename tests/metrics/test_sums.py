"""A stock summed from its changes is the stock counted from its rows."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pppdash.metrics.compute as module
from pppdash.metrics.compute import compute
from pppdash.metrics.filters import Box, Filters
from pppdash.metrics.registry import METRICS, Stock
from pppdash.warehouse.models import load_models

STOCKS = [name for name, metric in METRICS.items() if isinstance(metric.counted, Stock)]
many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def by_rows(warehouse, metrics, by, filters) -> pd.DataFrame:
    """What the rows themselves say, as within a part of the map: one select a metric."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_summed_layer", lambda breakdown, filters: None)
        return compute(warehouse, metrics, by, filters)


@st.composite
def asked(draw, layers, areas, sectors, days):
    """A breakdown and filters."""
    time = draw(st.sampled_from([None, "month", "year", "flash_point"]))
    kinds = draw(st.lists(st.sampled_from(["sector", "size_band"]), unique=True))
    layer = draw(st.sampled_from([None, *layers]))
    chosen = draw(st.sampled_from([None, *layers]))
    filters = Filters(
        as_of=draw(days),
        layer=chosen,
        areas=tuple(draw(st.lists(st.sampled_from(areas[chosen]), unique=True))) if chosen else (),
        sectors=tuple(draw(st.lists(st.sampled_from(sectors), unique=True, max_size=2))),
        size_bands=tuple(draw(st.sampled_from([(), ("small",), ("large", "Unknown")]))),
    )
    return [name for name in (layer, *kinds, time) if name], filters


DAY = st.one_of(
    st.sampled_from([date(2012, 2, 29), date(2012, 3, 31), date(2012, 12, 31), date(2013, 3, 31)]),
    st.dates(date(2012, 1, 1), date(2014, 6, 30)),
)
BUSY = asked(
    ["ward", "half"],
    {"ward": ["1", "2", "3", "Outside"], "half": ["H0", "H1"]},
    ["Energy", "Dams", "Unclassified", "Water and Wastewater Systems"],
    DAY,
)
SAMPLE = asked(
    ["community_area", "side"],
    {"community_area": ["8", "32", "33"], "side": ["central", "west"]},
    ["Energy", "Financial Services"],
    st.dates(date(2012, 1, 1), date(2017, 3, 31)),
)


@many
@given(question=BUSY)
def test_changes_sum_to_what_the_rows_say(busy, question):
    by, filters = question
    pd.testing.assert_frame_equal(
        compute(busy, STOCKS, by, filters), by_rows(busy, STOCKS, by, filters)
    )


@settings(many, max_examples=25)
@given(question=SAMPLE)
def test_changes_sum_to_what_the_rows_say_in_the_sample(sample, question):
    by, filters = question
    pd.testing.assert_frame_equal(
        compute(sample, STOCKS, by, filters), by_rows(sample, STOCKS, by, filters)
    )


@settings(many, max_examples=25)
@given(question=asked([], {}, ["Energy", "Dams"], DAY))
def test_changes_sum_to_what_the_rows_say_without_areas(busy_without_areas, question):
    by, filters = question
    city = busy_without_areas
    pd.testing.assert_frame_equal(
        compute(city, STOCKS, by, filters), by_rows(city, STOCKS, by, filters)
    )


@pytest.mark.parametrize("metric", STOCKS)
def test_every_stock_changes_in_the_busy_city(busy, metric):
    """What is held equal above is not equal because there is nothing."""
    months = compute(busy, [metric], ["month"], Filters(date(2013, 12, 31)))[metric]
    assert months.max() > 0
    assert metric == "buildings" or months.nunique() > 3


def test_the_busy_city_holds_every_case(busy):
    cases = {
        "outside": "from marts.building_areas where layer = 'ward' and area_id = 'Outside'",
        "never listed": "from marts.targets where removed_on = listed_on",
        "always listed": "from marts.targets where listed_on is null and removed_on is null",
        "ended at once": "from marts.accounts where ended_on = enrolled_on",
        "ended before dormant": "from marts.accounts where ended_on <= dormant_on",
        "ended after dormant": "from marts.accounts where ended_on > dormant_on",
        "of no target": "from marts.accounts where target_id is null",
    }
    for case, rows in cases.items():
        assert busy.execute(f"select count(*) {rows}", {}).iloc[0, 0] > 0, case


def test_windows_that_overlap_or_end_together_are_each_summed_whole(busy):
    filters = Filters(date(2013, 12, 31))
    events = busy.query("flash_points", as_of=filters.as_of)
    assert (events["window_start"].shift(-1) < events["window_end"])[0]
    assert events["window_end"].duplicated().any()
    shown = compute(busy, STOCKS, ["flash_point"], filters).set_index("flash_point_id")
    for event in events.itertuples():
        end = min(event.window_end.date(), filters.as_of)
        alone = compute(busy, STOCKS, [], Filters(end)).iloc[0]
        assert shown.loc[event.flash_point_id, STOCKS].tolist() == alone.tolist()


def test_before_any_flash_point_there_is_no_row(busy):
    by = ["flash_point", "ward"]
    empty = compute(busy, [*STOCKS, "accounts_opened"], by, Filters(date(2012, 1, 1)))
    assert empty.empty
    assert {*STOCKS, "accounts_opened", "flash_point", "area_name"} < set(empty.columns)
    assert compute(busy, ["coverage"], ["flash_point"], Filters(date(2012, 1, 1))).empty


def test_the_mart_has_a_column_for_every_stock_and_no_other():
    mart = next(model for model in load_models() if model.full_name == "marts.area_changes")
    assert {column.name for column in mart.columns} - set(mart.grain) == set(STOCKS)
    assert {METRICS[name].expression for name in STOCKS} == {"count(*)"}  # what a sum can be of


class _Listening:
    """A warehouse that remembers the statements it was asked."""

    def __init__(self, warehouse):
        self.build, self.query, self._warehouse = warehouse.build, warehouse.query, warehouse
        self.statements = []

    def execute(self, sql, parameters):
        self.statements.append(sql)
        return self._warehouse.execute(sql, parameters)


@pytest.mark.parametrize(
    ("by", "filters", "is_summed"),
    [
        ([], {}, True),
        (["ward", "month"], {}, True),
        (["ward"], {"layer": "half"}, True),
        (["ward", "sector"], {"layer": "ward", "areas": ("1",)}, True),
        (["size_band"], {"layer": "half", "areas": ("H1",)}, True),
        (["ward"], {"layer": "half", "areas": ("H1",)}, False),
        ([], {"within": Box(-87.7, 41.8, -87.68, 41.82)}, False),
    ],
)
def test_all_stocks_are_one_statement_wherever_changes_can_tell(busy, by, filters, is_summed):
    listening = _Listening(busy)
    compute(listening, STOCKS, by, Filters(date(2013, 6, 30), **filters))
    assert len(listening.statements) == (1 if is_summed else len(STOCKS))
    assert all(("area_changes" in sql) == is_summed for sql in listening.statements)
