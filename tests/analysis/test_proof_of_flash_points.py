"""The simulation behind docs/methods.md on a tenth of its series, and its generators themselves."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from pppdash.analysis.excess import verdict
from pppdash.analysis.flash_points import Settings, measure
from proofs.flash_points import fade, fading_table, judge, summary, tally
from proofs.series import AT_RISK, Setting, draw, plant

MANY = 100
SETTINGS = [
    Setting(36, 12, 0.5, events=1),
    Setting(60, 2, 0.5, doubles=True, dispersion=3, events=3),
    Setting(60, 60, 0.0, dispersion=3, events=3),
    Setting(120, 12, 0.8, doubles=True, events=3),
]


def _most(share: float, trials: int) -> float:
    """The share that three standard errors of simulation reach up to."""
    return share + 3 * math.sqrt(share * (1 - share) / trials)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_bounds_hold_within_simulation_error(setting):
    found = tally(setting, MANY, seed=1)
    assert found.false_claims <= _most(0.05, MANY)
    if setting.rho <= 0.5 and setting.months >= 60:
        assert found.too_little <= _most(0.2, MANY)
    for covered in (found.covered, found.covered_planted):
        assert 1 - covered <= _most(0.07, MANY * setting.events)
    assert found.rises > (0.5 if setting.rho < 0.8 else 0.1)


def test_half_lives_of_large_rises_come_back_and_those_of_small_ones_do_not():
    large, small = (fade(peak, 0.0, 1.0, 30, seed=2) for peak in (150, 8))
    assert large.close >= 0.95 and large.rises == 1 and large.covered >= 0.85
    assert small.identified < 0.5
    assert "150" in fading_table([large, small])


def test_what_is_proven_is_what_pages_show():
    setting = Setting(60, 12, 0.5, events=3)
    rng = np.random.default_rng(3)
    opened = draw(setting, 1, rng)[0] + plant(setting, 1, rng)[0]
    months = pd.date_range("2010-01-01", periods=60, freq="MS")
    kinds = {"planned event": "planned_event", "attack": "attack"}
    rows = [(str(at), months[at], kinds[kind]) for kind, at, _ in setting.placed]
    events = pd.DataFrame(rows, columns=["name", "started_on", "kind"]).assign(
        flash_point_id=lambda frame: frame["name"]
    )
    frame = pd.DataFrame({"month": months, "opened": opened, "at_risk": AT_RISK})
    shown, proven = measure(frame, events).events, judge(setting, opened)
    for event, found in zip(shown, proven, strict=True):
        assert (event.excess, event.excess_low, event.excess_high) == pytest.approx(
            (found.excess, found.low, found.high)
        )
        assert (event.q, event.placebo_p) == pytest.approx((found.q, found.placebo_p))
        assert event.verdict == verdict(found, Settings())


@pytest.mark.parametrize("dispersion", [1.0, 3.0])
def test_series_are_what_they_are_said_to_be(dispersion):
    setting = Setting(60, 12, 0.8, doubles=True, dispersion=dispersion, events=3)
    drawn = draw(setting, 2_000, np.random.default_rng(4))
    assert drawn.mean() == pytest.approx(12, rel=0.03)
    means = drawn.mean(axis=0)
    assert means[-1] / means[0] == pytest.approx(2, rel=0.1)
    assert (drawn.var(axis=0) / means).mean() == pytest.approx(dispersion, rel=0.1)
    correlations = [np.corrcoef(drawn[:, at], drawn[:, at + 1])[0, 1] for at in range(0, 59, 7)]
    assert np.mean(correlations) == pytest.approx(0.8, abs=0.05)


def test_rises_are_planted_where_events_are():
    setting = Setting(60, 12, 0.0, events=3)
    added = plant(setting, 500, np.random.default_rng(5)).mean(axis=0)
    peaks = [at for _, at, _ in setting.placed]
    assert sorted(np.argsort(added)[-3:]) == sorted(peaks)
    assert added[peaks] == pytest.approx([6 * math.sqrt(12)] * 3, rel=0.05)
    planned = peaks[0]
    assert added[planned - 1] == pytest.approx(added[planned] / 2, rel=0.15)
    assert added[planned + 1] < 0.5


def test_the_summary_shows_the_worst():
    found = tally(SETTINGS[0], 20, seed=6)
    row = summary([found]).splitlines()[2]
    assert row.startswith(f"| 36 | 1 | 0.5 | {100 * found.false_claims:.1f}% at most")
