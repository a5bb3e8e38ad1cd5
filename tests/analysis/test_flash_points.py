"""Flash points from months and events to verdicts: worked examples, and everything awkward."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from pppdash.analysis.excess import FEW_ACCOUNTS, FEW_PLACEBOS, MONTHS_MISSING, NO_BASELINE
from pppdash.analysis.flash_points import (
    AHEAD,
    BEFORE,
    EVENT_COLUMNS,
    HYPOTHETICAL,
    INTERIM_COLUMNS,
    Settings,
    hypothetical,
    measure,
)
from pppdash.errors import UsageError

COLUMNS = (
    "flash_point_id, name, kind, started_on, window_start, window_end, observed, expected, excess, "
    "excess_low, excess_high, q, placebo_p, verdict, lead_in_month, peak_month, half_life_months, "
    "half_life_low, half_life_high, half_life_verdict, active_after_12m, active_after_12m_low, "
    "active_after_12m_high"
)
INTERIM = "interim_months, interim_rate, interim_low, interim_high, share_in_windows, steadiness"


def monthly(opened=None, months: int = 72, mean: float = 8.0, seed: int = 0) -> pd.DataFrame:
    counts = np.random.default_rng(seed).poisson(mean, months) if opened is None else opened
    starts = pd.date_range("2010-01-01", periods=len(counts), freq="MS")
    return pd.DataFrame({"month": starts, "opened": counts, "at_risk": 9_000})


def events(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Name, day and kind of each."""
    frame = pd.DataFrame(rows, columns=["name", "started_on", "kind"])
    return frame.assign(flash_point_id=frame["name"].str.lower())


def with_rise(frame: pd.DataFrame, month: str, *added: int) -> pd.DataFrame:
    at = frame.index[frame["month"] == pd.Timestamp(month)][0]
    risen = frame.copy()
    risen.loc[at : at + len(added) - 1, "opened"] += list(added)
    return risen


def only(found):
    (event,) = found.events
    return event


def test_the_attributes_are_the_tables_columns():
    assert ", ".join(EVENT_COLUMNS) == COLUMNS
    assert ", ".join(INTERIM_COLUMNS) == INTERIM


# -- windows -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "day", "window"),
    [
        ("attack", "2013-06-17", (date(2013, 6, 1), date(2013, 8, 31))),
        ("violence_spike", "2013-12-31", (date(2013, 12, 1), date(2014, 2, 28))),
        ("planned_event", "2013-06-01", (date(2013, 2, 1), date(2013, 7, 31))),
        ("planned_event", "2010-03-20", (date(2010, 1, 1), date(2010, 4, 30))),  # launch
        (None, "2013-06-17", (date(2013, 6, 1), date(2013, 8, 31))),
    ],
)
def test_windows_are_whole_months_and_never_begin_before_the_launch(kind, day, window):
    event = only(measure(monthly(), events(("A", day, kind))))
    assert (event.window_start, event.window_end) == window
    assert event.holds_launch == (window[0] == date(2010, 1, 1))


def test_windows_follow_the_settings():
    settings = Settings(planned_before=1, planned_after=0, other_after=5)
    found = measure(
        monthly(),
        events(("P", "2012-06-09", "planned_event"), ("A", "2014-01-01", "attack")),
        settings,
    )
    spans = [(event.window_start, event.window_end) for event in found.events]
    assert spans[0] == (date(2012, 5, 1), date(2012, 6, 30))
    assert spans[1] == (date(2014, 1, 1), date(2014, 6, 30))


def test_a_launch_that_is_known_to_be_earlier_is_in_no_window():
    event = only(
        measure(
            monthly(),
            events(("A", "2010-02-01", "planned_event")),
            Settings(launched_on=date(2008, 5, 9)),
        )
    )
    assert event.window_start == date(2009, 10, 1) and not event.holds_launch
    assert event.months == 3


def test_overlapping_windows_have_one_excess():
    rows = (
        ("A", "2013-06-17", "attack"),
        ("B", "2013-08-02", "attack"),
        ("C", "2014-06-17", "attack"),
    )
    found = measure(monthly(), events(*rows))
    first, second, third = found.events
    assert first.group == second.group != third.group
    assert (first.window_start, first.window_end) == (date(2013, 6, 1), date(2013, 10, 31))
    for name in ("window_start", "window_end", "observed", "excess", "q", "placebo_p", "verdict"):
        assert getattr(first, name) == getattr(second, name)
    inside = found.months.set_index("month")["opened"]["2013-06":"2013-10"]
    assert first.observed == inside.sum() and first.months == 5
    assert found.interim.interim_months == 72 - 5 - 3


def test_events_of_one_day_are_one_group_whatever_their_kind():
    rows = (("A", "2013-06-17", "attack"), ("P", "2013-06-17", "planned_event"))
    first, second = measure(monthly(), events(*rows)).events
    assert first.group == second.group and first.excess == second.excess
    assert (first.window_start, first.window_end) == (date(2013, 2, 1), date(2013, 8, 31))


def test_windows_that_touch_stay_apart():
    rows = (("A", "2013-06-17", "attack"), ("B", "2013-09-02", "attack"))
    first, second = measure(monthly(), events(*rows)).events
    assert first.group != second.group
    assert first.window_end == date(2013, 8, 31) and second.window_start == date(2013, 9, 1)


def test_events_before_the_first_month_and_after_the_last():
    rows = (
        ("Old", "1999-04-20", "attack"),
        ("Edge", "2009-12-14", "attack"),  # its window reaches into the first two months
        ("Soon", "2016-03-01", "planned_event"),  # its window has begun
        ("Far", "2018-03-01", "planned_event"),
    )
    old, edge, soon, far = measure(monthly(), events(*rows)).events
    assert (old.verdict, old.reason, old.is_ahead) == ("too little data", BEFORE, False)
    assert math.isnan(old.observed) and math.isnan(old.opened) and old.peak_month is None
    assert (edge.months, edge.window_start, edge.holds_launch) == (2, date(2010, 1, 1), True)
    assert (soon.months, soon.is_ahead, soon.is_open) == (2, True, True)
    assert soon.observed == soon.opened > 0
    assert (far.verdict, far.reason, far.is_ahead) == ("too little data", AHEAD, True)
    assert math.isnan(far.excess) and math.isnan(far.q)


def test_an_early_list_of_events_changes_nothing():
    now = events(("A", "2013-06-17", "attack"))
    every = events(("Old", "1999-04-20", "attack"), ("A", "2013-06-17", "attack"))
    alone, beside = only(measure(monthly(), now)), measure(monthly(), every).events[1]
    assert (alone.excess, alone.q, alone.placebo_p) == (beside.excess, beside.q, beside.placebo_p)


# -- verdicts ----------------------------------------------------------------------------------


def test_a_planted_rise_is_called_and_measured():
    frame = with_rise(monthly(), "2013-06-01", 40, 20, 10)
    event = only(measure(frame, events(("A", "2013-06-17", "attack"))))
    assert event.verdict == "rise"
    assert event.excess_low <= 70 <= event.excess_high
    assert event.excess == pytest.approx(event.observed - event.expected)
    assert event.q < 0.001 and event.placebo_p == 1 / (1 + event.placebos)
    assert (event.lead_in_month, event.peak_month) == (date(2013, 6, 1), date(2013, 6, 1))


def test_months_all_alike_are_a_baseline_too():
    rows = events(("A", "2013-06-17", "attack"))
    assert only(measure(monthly([10] * 72), rows)).verdict == "no detectable change"
    event = only(measure(with_rise(monthly([10] * 72), "2013-06-01", 30, 20, 10), rows))
    assert event.verdict == "rise" and event.excess == pytest.approx(60)
    assert 57 < event.excess_low < 60 < event.excess_high < 63


def test_a_planned_event_whose_rise_comes_first():
    frame = with_rise(monthly(), "2013-02-01", 0, 15, 30, 60, 10, 0)
    event = only(measure(frame, events(("P", "2013-06-20", "planned_event"))))
    assert event.verdict == "rise"
    assert (event.lead_in_month, event.peak_month) == (date(2013, 3, 1), date(2013, 5, 1))


def test_a_lead_in_may_begin_before_the_window():
    frame = with_rise(monthly(), "2012-12-01", 40, 40, 40, 40, 40, 60, 90, 10)
    event = only(measure(frame, events(("P", "2013-06-20", "planned_event"))))
    assert event.lead_in_month == date(2012, 12, 1)


def test_a_fall_is_called():
    frame = monthly(mean=40.0)
    frame.loc[40:42, "opened"] = 2
    event = only(measure(frame, events(("A", "2013-05-03", "attack"))))
    assert event.verdict == "fall" and event.excess_high < 0
    assert event.lead_in_month is None
    assert event.half_life_verdict == "not identifiable"


def test_nothing_planted_is_no_change():
    event = only(measure(monthly(seed=3), events(("A", "2013-06-17", "attack"))))
    assert event.verdict == "no detectable change"
    assert event.excess_low < 0 < event.excess_high


def test_a_rise_that_fades_slowly_does_not_hide_itself():
    fade = np.round(150 * 2.0 ** (-np.arange(30) / 2)).astype(int)
    event = only(
        measure(
            with_rise(monthly(mean=12), "2013-01-01", *fade), events(("A", "2013-01-17", "attack"))
        )
    )
    assert event.verdict == "rise"
    assert event.expected == pytest.approx(36, rel=0.25)
    assert event.half_life_verdict == "identified"
    assert event.half_life_low < 2 < event.half_life_high
    assert 1.5 < event.half_life_months < 2.5


def test_a_launch_outside_all_windows_does_not_hide_what_comes_later():
    rows = events(("A", "2013-06-17", "attack"))
    frame = with_rise(monthly(mean=4, seed=2), "2013-06-01", 30, 20, 10)
    launched = with_rise(frame, "2010-01-01", 85, 125, 99)
    plain, burst = measure(frame, rows), measure(launched, rows)
    assert only(plain).verdict == only(burst).verdict == "rise"
    assert only(burst).expected == pytest.approx(only(plain).expected, rel=0.15)
    assert plain.remarks == ()
    assert burst.remarks[0].startswith("From the launch to March 2010 more accounts were opened")
    assert burst.interim.interim_months == plain.interim.interim_months == 69
    assert burst.interim.interim_high - burst.interim.interim_low > 3
    after = frame["opened"].sum() - frame["opened"].iloc[[0, 1, 2, 41, 42, 43]].sum()
    assert burst.interim.settled_rate == pytest.approx(after / 66)
    assert math.isnan(plain.interim.settled_rate)


@pytest.mark.parametrize(
    ("opened", "reason"),
    [
        ([0] * 72, NO_BASELINE),
        ([0] * 42 + [1] + [0] * 29, NO_BASELINE),  # the one account is in the window
        ([0] * 30 + [1] + [0] * 41, FEW_ACCOUNTS),
        ([4, 9, 2, 5] * 12, FEW_PLACEBOS),
    ],
)
def test_too_little_to_carry_a_verdict(opened, reason):
    rows = [("A", "2013-06-17", "attack")]
    if reason == FEW_PLACEBOS:
        rows += [(str(n), f"{2010 + n // 2}-{1 + 6 * (n % 2):02}-15", "attack") for n in range(7)]
    found = measure(monthly(opened), events(*rows))
    event = next(event for event in found.events if event.name == "A")
    assert (event.verdict, event.reason) == ("too little data", reason)
    assert math.isnan(event.q)


def test_strong_correlation_leaves_too_few_independent_months():
    waves = np.round(30 + 25 * np.sin(np.arange(72) / 9)).astype(
        int
    )  # six years, one swing and a bit
    event = only(measure(monthly(waves), events(("A", "2013-06-17", "attack"))))
    assert (event.verdict, event.reason) == ("too little data", "few months")


# -- between them ------------------------------------------------------------------------------


def test_the_interim_is_what_lies_outside_all_windows():
    frame = with_rise(monthly([4, 6] * 30), "2012-06-01", 50, 20, 10)
    interim = measure(frame, events(("A", "2012-06-02", "attack"))).interim
    assert interim.interim_months == 57 and interim.opened == 284
    assert interim.interim_rate == pytest.approx(284 / 57)
    assert interim.interim_low < interim.interim_rate < interim.interim_high
    assert interim.share_in_windows == pytest.approx(96 / 380)
    assert interim.steadiness == pytest.approx(284 / 57 / (380 / 60))


def test_the_interim_of_nothing_is_unknown_or_bounded():
    none = measure(monthly([]), events()).interim
    assert none.interim_months == 0
    assert all(math.isnan(getattr(none, name)) for name in INTERIM_COLUMNS[1:])
    zeros = measure(monthly([0] * 24), events()).interim
    assert (zeros.interim_rate, zeros.interim_low) == (0, 0)
    assert zeros.interim_high == pytest.approx(
        3.689 / 24, abs=1e-3
    )  # Garwood's for none in two years
    assert math.isnan(zeros.steadiness)
    single = measure(monthly([7]), events()).interim
    assert single.interim_rate == 7 and math.isnan(single.interim_low)


def test_steady_enrollment_has_a_steadiness_of_one():
    interim = measure(monthly([5] * 48), events(("A", "2012-06-02", "attack"))).interim
    assert interim.steadiness == pytest.approx(1)


# -- dates -------------------------------------------------------------------------------------


def test_no_date_sees_its_future():
    frame, rows = (
        monthly(seed=4),
        events(("A", "2013-06-17", "attack"), ("B", "2015-01-07", "attack")),
    )
    spells = pd.DataFrame(
        {"opened_on": frame["month"] + pd.Timedelta(days=3),
         "ended_on": frame["month"] + pd.Timedelta(days=500)}
    )  # fmt: skip
    as_of = date(2014, 3, 31)
    then = measure(frame, rows, accounts=spells, as_of=as_of)
    seen = spells[spells["opened_on"] <= pd.Timestamp(as_of)]
    seen = seen.assign(ended_on=seen["ended_on"].where(seen["ended_on"] <= pd.Timestamp(as_of)))
    alone = measure(frame[frame["month"] <= "2014-03-01"], rows, accounts=seen, as_of=as_of)
    assert then.events[0] == alone.events[0]
    pd.testing.assert_frame_equal(then.months, alone.months)
    pd.testing.assert_frame_equal(then.lasted, alone.lasted)
    assert then.events[1].reason == AHEAD


def test_a_month_that_has_only_begun_is_counted_and_not_measured():
    frame = monthly([5] * 42 + [400])
    found = measure(frame, events(("A", "2013-06-17", "attack")), as_of=date(2013, 7, 2))
    event = only(found)
    assert found.months["is_whole"].tolist() == [True] * 42 + [False]
    assert (event.months, event.observed, event.opened, event.rate) == (1, 5, 405, 5)
    assert found.interim.interim_rate == 5 and event.is_open


def test_what_lasted_is_followed_by_event_and_between_them():
    frame = monthly([2] * 72)
    spells = pd.DataFrame({
        "opened_on": pd.to_datetime(["2013-06-20", "2013-07-01", "2012-01-05"]),
        "ended_on": pd.to_datetime(["2013-09-01", None, None]),
    })  # fmt: skip
    found = measure(frame, events(("A", "2013-06-17", "attack")), accounts=spells)
    assert only(found).active_after_12m == pytest.approx(0.5)
    at = found.lasted.set_index(["flash_point_id", "months_since"])["share"]
    assert at["a", 0] == 1 and at["a", 12] == 0.5 and at["", 12] == 1
    unknown = measure(frame, events(("A", "2013-06-17", "attack")))
    assert math.isnan(only(unknown).active_after_12m) and unknown.lasted.empty


def test_a_date_of_ones_own_is_one_more_flash_point():
    frame = with_rise(monthly(), "2014-06-01", 40, 20, 10)
    rows = events(("A", "2013-01-17", "attack"))
    own = hypothetical(frame, rows, date(2014, 6, 9), "attack")
    added = pd.concat([rows, events(("2014-06-09", "2014-06-09", "attack"))])
    listed = measure(frame, added).events[1]
    assert own.verdict == listed.verdict == "rise"
    assert (own.excess, own.q, own.placebo_p) == (listed.excess, listed.q, listed.placebo_p)
    assert hypothetical(frame, events(), date(2014, 6, 9), "attack").verdict == "rise"
    assert hypothetical(frame, rows, date(2031, 1, 1), "attack").reason == AHEAD


def test_a_window_in_which_nothing_was_opened_has_no_peak():
    frame = monthly()
    frame.loc[41:43, "opened"] = 0
    event = only(measure(frame, events(("A", "2013-06-17", "attack"))))
    assert (event.observed, event.peak_month, event.lead_in_month) == (0, None, None)
    assert event.half_life_verdict == "not identifiable" and event.excess < 0


def test_no_id_of_a_citys_own_is_taken_for_the_interim_or_a_date_of_ones_own():
    frame = monthly([2] * 72)
    rows = events(("Interim", "2013-06-17", "attack"), ("Hypothetical", "2014-06-01", "attack"))
    rows.loc[1, "name"] = "2014-06-01"
    days = pd.to_datetime(["2013-06-20", "2012-01-05"])
    curves = measure(frame, rows, accounts=pd.DataFrame({"opened_on": days, "ended_on": pd.NaT}))
    assert not curves.lasted.duplicated(["flash_point_id", "months_since"]).any()
    own = hypothetical(frame, rows, date(2014, 6, 1), "planned_event")
    assert (own.kind, own.flash_point_id) == ("planned_event", HYPOTHETICAL)


def test_months_carry_what_was_expected_of_them():
    found = measure(monthly(), events(("A", "2013-06-17", "attack"), ("B", "2013-08-01", "attack")))
    frame = found.months
    assert frame.columns.tolist() == [
        "month", "opened", "at_risk", "expected", "expected_low", "expected_high", "is_whole",
        "in_window", "flash_point",
    ]  # fmt: skip
    assert (frame["expected_low"] <= frame["expected"]).all()
    assert (frame["expected"] <= frame["expected_high"]).all()
    inside = frame[frame["in_window"]]
    named = dict(zip(inside["month"].dt.strftime("%m"), inside["flash_point"], strict=True))
    assert named == {"06": "A", "07": "A", "08": "A, B", "09": "B", "10": "B"}
    outside = frame.loc[~frame["in_window"]]
    assert outside["opened"].sum() == pytest.approx(outside["expected"].sum())


# -- bad input ---------------------------------------------------------------------------------


def test_months_that_are_missing_are_said_and_never_counted_as_zero():
    gaps = monthly().drop([3, 42])
    gaps.loc[50, "opened"] = np.nan
    rows = events(("A", "2013-06-17", "attack"), ("B", "2015-01-07", "attack"))
    found = measure(gaps, rows)
    first, second = found.events
    assert (first.verdict, first.reason) == ("too little data", MONTHS_MISSING)
    assert math.isnan(first.excess) and second.reason == ""
    assert found.remarks == (
        "Nothing is on record for 2010-04, 2013-07, 2014-03: no baseline counts on it.",
    )
    assert found.months["opened"].isna().sum() == 3 and len(found.months) == 72
    assert found.months["expected"].isna().equals(found.months["opened"].isna())
    assert found.interim.interim_months == 72 - 6 - 2


def test_order_and_form_of_months_do_not_matter():
    frame, rows = monthly(), events(("A", "2013-06-17", "attack"))
    expected = measure(frame, rows).events
    for same in (
        frame.sample(frac=1, random_state=1),
        frame.assign(month=frame["month"].dt.to_period("M")),
        frame.assign(month=frame["month"].dt.strftime("%Y-%m")),
        frame.assign(month=frame["month"].dt.date),
    ):
        assert measure(same, rows).events == expected


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: pd.concat([f, f.head(1)]), "2010-01 stands more than once"),
        (lambda f: f.assign(opened=f["opened"].where(f.index != 5, -1)), "2010-06: counts"),
        (lambda f: f.assign(at_risk=np.inf), "and 66 more: counts"),
        (lambda f: f.assign(month="soon"), "72 of the months are no dates"),
        (lambda f: f.drop(columns="at_risk"), "at_risk is missing"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(spoil, said):
    with pytest.raises(UsageError, match=said):
        measure(spoil(monthly()), events(("A", "2013-06-17", "attack")))


def test_events_without_a_date_or_a_column_are_refused_with_a_sentence():
    with pytest.raises(UsageError, match="'A' has no date"):
        measure(monthly(), events(("A", "some day", "attack")))
    with pytest.raises(UsageError, match="a column kind"):
        measure(monthly(), events(("A", "2013-06-17", "attack")).drop(columns="kind"))


@pytest.mark.parametrize("months", [0, 1, 2, 5])
def test_hardly_any_months_are_too_little(months):
    found = measure(monthly(months=months), events(("A", "2010-01-17", "attack")))
    assert only(found).verdict == "too little data"
    assert len(found.months) == months


def test_nobody_left_to_enroll():
    frame = monthly().assign(at_risk=[5] * 30 + [0] * 42)
    event = only(measure(frame, events(("A", "2013-06-17", "attack"))))
    assert event.verdict == "too little data" and math.isnan(event.expected)


def test_five_thousand_events():
    days = pd.Timestamp("2005-01-01") + pd.to_timedelta(np.arange(5_000) % 4_000, "D")
    rows = events(*((f"E{n}", str(day.date()), "attack") for n, day in enumerate(days)))
    found = measure(monthly(), rows)
    assert len(found.events) == 5_000
    assert {event.verdict for event in found.events} == {"too little data"}
    assert found.months["in_window"].all()


def test_a_series_of_a_century_is_measured_over_its_latest_years():
    found = measure(monthly(months=1_200), events(("A", "2105-06-17", "attack")))
    assert found.remarks == ("The latest 360 months are measured; those before 2080-01 are not.",)
    assert len(found.months) == 360 and not math.isnan(only(found).excess)
