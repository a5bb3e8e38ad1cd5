"""What lasted, held against a worked example and against statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from pppdash.analysis.lasting import LONGEST_MONTHS, after_a_year, curve

AS_OF = pd.Timestamp("2016-12-31")


def spells(*pairs: tuple[str, str | None], accounts: int = 1) -> pd.DataFrame:
    opened, ended = zip(*pairs, strict=True) if pairs else ((), ())
    return pd.DataFrame(
        {
            "opened_on": pd.to_datetime(opened),
            "ended_on": pd.to_datetime(ended),
            "accounts": accounts,
        }
    )


def test_a_worked_example():
    """Five accounts: one ends after 100 days, one after 200, one is watched for 150 only."""
    found = curve(
        spells(
            ("2015-01-01", "2015-04-11"),
            ("2015-01-01", "2015-07-20"),
            ("2016-08-03", None),
            ("2015-01-01", None),
            ("2015-01-01", None),
        ),
        AS_OF,
        0.95,
    )
    share = found.set_index("months_since")["share"]
    assert share[0] == share[3] == 1
    assert share[4] == pytest.approx(4 / 5)  # 1 of 5 has ended
    assert share[7] == share[12] == pytest.approx(4 / 5 * 2 / 3)  # 1 of the 3 still watched
    assert found["months_since"].tolist() == list(range(25))


def test_share_and_interval_are_those_of_statsmodels():
    rng = np.random.default_rng(1)
    opened = pd.Timestamp("2014-01-01") + pd.to_timedelta(rng.integers(0, 900, 300), "D")
    ended = pd.Series(opened + pd.to_timedelta(rng.exponential(900, 300).astype(int), "D"))
    frame = pd.DataFrame({"opened_on": opened, "ended_on": ended, "accounts": 1})
    found = after_a_year(curve(frame, AS_OF, 0.95))
    has_ended = (ended <= AS_OF).to_numpy()
    days = (ended.where(has_ended, AS_OF) - opened).dt.days
    function = SurvfuncRight(days, has_ended)
    at = np.searchsorted(function.surv_times, 365, side="right") - 1
    share, error = function.surv_prob[at], function.surv_prob_se[at]
    assert found.value == pytest.approx(share)
    reach = stats.norm.ppf(0.975) * error / (share * math.log(share))
    assert (found.low, found.high) == pytest.approx(
        (share ** math.exp(-reach), share ** math.exp(reach))
    )
    assert found.low < share < found.high


def test_rows_that_stand_for_several_count_as_several():
    pairs = [("2015-01-01", "2015-04-11"), ("2015-02-01", None)]
    many = curve(spells(*pairs, accounts=3), AS_OF, 0.95)
    each = curve(spells(*(pair for pair in pairs for _ in range(3))), AS_OF, 0.95)
    pd.testing.assert_frame_equal(many, each)


def test_while_none_has_ended_the_interval_is_the_exact_one():
    found = after_a_year(curve(spells(*[("2015-01-01", None)] * 20), AS_OF, 0.95))
    assert found.value == found.high == 1
    assert found.low == pytest.approx(stats.beta.ppf(0.025, 20, 1))


def test_what_was_not_watched_for_a_year_is_unknown():
    found = after_a_year(curve(spells(("2016-06-12", None)), AS_OF, 0.95))
    assert math.isnan(found.value) and math.isnan(found.low) and math.isnan(found.high)
    assert curve(spells(), AS_OF, 0.95).empty


def test_ends_after_the_date_are_not_seen():
    later, never = (
        curve(spells(("2015-01-01", end), ("2015-01-01", None)), AS_OF, 0.95)
        for end in ("2017-01-01", None)
    )
    pd.testing.assert_frame_equal(later, never)
    assert len(curve(spells(("2017-02-01", None)), AS_OF, 0.95)) == 0


def test_all_have_ended():
    found = after_a_year(curve(spells(*[("2013-01-01", "2013-03-01")] * 4), AS_OF, 0.95))
    assert math.isnan(found.value)  # nobody was watched for a year
    gone = spells(*[("2013-01-01", "2013-03-01")] * 4, ("2013-01-01", "2014-03-01"))
    assert 0 < after_a_year(curve(gone, AS_OF, 0.95)).value < 0.5


def test_a_curve_is_not_drawn_forever():
    found = curve(spells(("1990-01-01", None)), AS_OF, 0.95)
    assert found["months_since"].max() == LONGEST_MONTHS
