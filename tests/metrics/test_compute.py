from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pppdash.errors import UsageError
from pppdash.metrics.compute import compute, dimensions, parse_filters
from pppdash.metrics.filters import Filters
from pppdash.metrics.registry import METRICS
from tests.helpers import list_buildings

COUNTS = [name for name, metric in METRICS.items() if metric.sums_over and name != "expected"]
PARTS = ["sector", "size_band", "community_area", "side"]
AS_OF = date(2017, 3, 31)
many = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_the_papers_figure(sample):
    row = compute(
        sample,
        [
            "targets",
            "targets_enrolled",
            "accounts_active",
            "coverage",
            "coverage_low",
            "coverage_high",
        ],
        [],
        Filters(AS_OF),
    ).iloc[0]
    assert row[["targets", "targets_enrolled", "accounts_active"]].tolist() == [
        10_000,
        1_200,
        1_200,
    ]
    assert row["coverage"] == 0.12
    assert (round(row["coverage_low"], 3), round(row["coverage_high"], 3)) == (0.114, 0.127)


def test_shortfall_of_the_city_is_its_own(sample):
    whole = compute(sample, ["shortfall"], [], Filters(AS_OF)).iloc[0, 0]
    assert whole == pytest.approx(0.8 * 10_000 - 1_200)
    parts = compute(sample, ["shortfall", "goal"], ["sector"], Filters(AS_OF))
    assert parts["goal"].nunique() > 1  # some sectors have goals of their own
    assert parts["shortfall"].sum() != whole


@many
@given(
    day=st.dates(date(2012, 3, 1), AS_OF),
    part=st.sampled_from(PARTS),
    area=st.sampled_from([(), ("8",), ("32", "33")]),
    sector=st.sampled_from([(), ("Energy",), ("Financial Services", "Dams")]),
)
def test_parts_sum_to_the_whole(sample, day, part, area, sector):
    filters = Filters(day, "community_area" if area else None, area, sector)
    whole = compute(sample, COUNTS, [], filters).iloc[0]
    parts = compute(sample, COUNTS, [part], filters)[COUNTS].sum()
    assert parts.to_dict() == whole.to_dict()


@many
@given(day=st.dates(date(2012, 3, 1), AS_OF), part=st.sampled_from(PARTS))
def test_flows_sum_over_months_and_stocks_are_month_ends(sample, day, part):
    filters = Filters(day)
    whole = compute(sample, ["accounts_opened", "accounts_active"], [], filters).iloc[0]
    months = compute(sample, ["accounts_opened", "accounts_active"], ["month"], filters)
    assert months["accounts_opened"].sum() == whole["accounts_opened"]
    assert months["accounts_active"].iloc[-1] == whole["accounts_active"]
    by_both = compute(sample, ["accounts_opened"], ["month", part], filters)
    assert by_both["accounts_opened"].sum() == whole["accounts_opened"]


@many
@given(day=st.dates(date(2012, 3, 1), AS_OF), later=st.integers(0, 900))
def test_an_as_of_date_never_sees_the_future(sample, day, later):
    """What a day's view says of a month must not change when the view moves on."""
    names = ["accounts_opened", "accounts_ended", "accounts_active", "targets_enrolled"]
    then = compute(sample, names, ["month"], Filters(day))
    now = compute(sample, names, ["month"], Filters(min(day + timedelta(days=later), AS_OF)))
    whole_months = then.iloc[:-1]
    assert whole_months.equals(now.iloc[: len(whole_months)])
    assert (then["month"] <= pd.Timestamp(day)).all()


def test_lists_never_see_the_future_either(sample):
    day = date(2013, 1, 31)
    buildings = list_buildings(sample, Filters(day, "side"))
    assert buildings["first_enrolled_on"].max() <= pd.Timestamp(day)
    whole = compute(sample, ["accounts_active", "buildings_enrolled"], [], Filters(day)).iloc[0]
    assert buildings["accounts_active"].sum() == whole["accounts_active"]
    assert (buildings["status"] == "active").sum() == whole["buildings_enrolled"]
    targets = sample.query("targets", **Filters(day, "side").params())
    enrolled = compute(sample, ["targets_enrolled"], [], Filters(day)).iloc[0, 0]
    assert (targets["status"] == "active").sum() == enrolled
    assert sample.query("survey_waves", as_of=day).empty
    known = sample.query("flash_points", as_of=day)["kind"]
    assert set(known) == {"planned_event"}


def test_every_area_and_every_month_has_its_row(sample):
    areas = compute(sample, ["accounts_active"], ["community_area"], Filters(date(2012, 3, 7)))
    assert len(areas) == 77
    assert list(areas.columns) == ["area_id", "area_name", "accounts_active"]
    months = compute(sample, ["accounts_opened"], ["month"], Filters(AS_OF))
    assert months["month"].tolist() == pd.date_range("2012-03-01", "2017-03-01", freq="MS").tolist()


def test_flash_points_count_what_their_windows_hold(sample):
    frame = compute(sample, ["accounts_opened"], ["flash_point"], Filters(AS_OF))
    months = compute(sample, ["accounts_opened"], ["month"], Filters(AS_OF)).set_index("month")
    nato = frame.set_index("flash_point")["accounts_opened"]["NATO Summit"]
    assert nato == months.loc["2012-03-01":"2012-06-30", "accounts_opened"].sum()


def test_a_share_of_nothing_is_unknown_not_zero(sample):
    frame = compute(
        sample, ["coverage", "coverage_low"], [], Filters(AS_OF, sectors=("No such sector",))
    )
    assert frame.isna().all(axis=None)


@pytest.mark.parametrize(
    ("metrics", "by", "said"),
    [
        (["coverag"], [], "did you mean coverage?"),
        (["coverage"], ["sectr"], "did you mean sector?"),
        (["coverage"], ["month", "year"], "one time"),
        (["coverage"], ["side", "community_area"], "one layer"),
    ],
)
def test_what_does_not_exist_is_said(sample, metrics, by, said):
    with pytest.raises(UsageError, match=said.replace("?", r"\?")):
        compute(sample, metrics, by, Filters(AS_OF))


def test_filters_go_by_id_or_name(sample):
    by_name = parse_filters(
        sample, None, [("community_area", "near north side"), ("sector", "energy")]
    )
    by_id = parse_filters(sample, AS_OF, [("community_area", "8"), ("sector", "Energy")])
    assert by_name == by_id == Filters(AS_OF, "community_area", ("8",), ("Energy",))
    for where, said in (
        ([("communty_area", "8")], "did you mean community_area"),
        ([("size_band", "smal")], "did you mean small"),
        ([("community_area", "8"), ("side", "west")], "one layer"),
    ):
        with pytest.raises(UsageError, match=said):
            parse_filters(sample, None, where)


def test_every_dimension_answers_for_every_metric(sample):
    for name in dimensions(sample.build):
        frame = compute(sample, list(METRICS), [name], Filters(AS_OF))
        assert len(frame) and frame["targets"].notna().all()
