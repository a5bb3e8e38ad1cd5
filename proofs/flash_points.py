"""Flash points on series whose truth is known: false claims, intervals, half-lives.

    python -m proofs flash-points

Each setting is drawn 1,000 times without any rise and 1,000 times with one planted at every event.
"""

from __future__ import annotations

import math
import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pppdash.analysis.baseline import Counts
from pppdash.analysis.decay import IDENTIFIED
from pppdash.analysis.excess import NO_CHANGE, RISE, TOO_LITTLE, Excess, assess, learn, verdict
from pppdash.analysis.flash_points import Event, measure
from pppdash.analysis.windows import Settings
from proofs.series import AT_RISK, Setting, draw, fading, plant
from scripts.make_docs import table

Array = NDArray[np.float64]

SERIES = 1_000
PROCESSES = 2
SEED = 2012
MEANS, RHOS = (2, 12, 60), (0.0, 0.5, 0.8)
LAYOUTS = ((36, 1), (36, 3), (60, 3), (120, 3))  # months, events
SHAPES = tuple(product((False, True), (1.0, 3.0)))  # doubles, dispersion
HALF_LIFE, PEAKS, BASELINE = 2.0, (150, 8), 12.0
MONTHS_BEFORE, MONTHS_AFTER = 36, 24
CLOSE = (1.5, 2.5)

_settings = Settings()


@dataclass(frozen=True)
class Tally:
    """What became of one setting's series; every figure is a share.

    Attributes
    ----------
    false_claims
        Series without a rise in which any event was called a change.
    false_by_event
        The same of each event by itself.
    too_little
        Events of series without a rise that were called too little data.
    covered, covered_planted
        Events whose interval holds the truth, without and with a planted rise.
    rises
        Planted rises that were called.
    covered_rises
        Those of them whose interval holds the truth.
    """

    setting: Setting
    false_claims: float
    false_by_event: tuple[float, ...]
    too_little: float
    covered: float
    covered_planted: float
    rises: float
    covered_rises: float


def judge(setting: Setting, opened: Array) -> list[Excess]:
    """Assess the events of one series as `measure` does."""
    counts = Counts(opened, np.full(setting.months, AT_RISK), setting.is_base)
    baseline = learn(counts, setting.spans, _settings.confidence)
    return assess(counts, baseline, setting.spans, _settings)


def tally(setting: Setting, many: int, seed: int) -> Tally:
    """Draw series of a setting, and count what is said of them."""
    rng = np.random.default_rng(seed)
    quiet = [judge(setting, series) for series in draw(setting, many, rng)]
    verdicts = np.array([[verdict(found, _settings) for found in one] for one in quiet])
    is_false = ~np.isin(verdicts, (NO_CHANGE, TOO_LITTLE))
    base, added = draw(setting, many, rng), plant(setting, many, rng)
    risen = [judge(setting, series) for series in base + added]
    truth = np.array([[row[start:stop].sum() for start, stop in setting.spans] for row in added])
    holds = _holds(risen, truth)
    called = np.array([[verdict(found, _settings) == RISE for found in one] for one in risen])
    return Tally(
        setting,
        float(is_false.any(axis=1).mean()),
        tuple(is_false.mean(axis=0)),
        float((verdicts == TOO_LITTLE).mean()),
        float(_holds(quiet, np.zeros_like(truth)).mean()),
        float(holds.mean()),
        float(called.mean()),
        float(holds[called].mean()) if called.any() else math.nan,
    )


def _holds(found: Sequence[Sequence[Excess]], truth: Array) -> NDArray[np.bool_]:
    """Return whether each interval holds the truth; one that is not given does not."""
    low = np.array([[event.low for event in one] for one in found])
    high = np.array([[event.high for event in one] for one in found])
    return (low <= truth) & (truth <= high)


# -- half-lives --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fading:
    """What became of rises that fade with a half-life of `HALF_LIFE` months, in shares."""

    peak: float
    rho: float
    dispersion: float
    identified: float
    close: float
    covered: float
    rises: float


def fade(peak: float, rho: float, dispersion: float, many: int, seed: int) -> Fading:
    """Plant one attack's rise in series of a setting, and count what is said of its half-life."""
    months = MONTHS_BEFORE + 1 + MONTHS_AFTER
    setting = Setting(months, BASELINE, rho, dispersion=dispersion)
    rng = np.random.default_rng(seed)
    series = draw(setting, many, rng) + fading(setting, MONTHS_BEFORE, peak, HALF_LIFE, many, rng)
    events = [_measured(row, MONTHS_BEFORE) for row in series]
    found = np.array([event.half_life_months for event in events])
    is_close = (found >= CLOSE[0]) & (found <= CLOSE[1])
    identified = np.array([event.half_life_verdict == IDENTIFIED for event in events])
    holds = [event.half_life_low <= HALF_LIFE <= event.half_life_high for event in events]
    return Fading(
        peak,
        rho,
        dispersion,
        float(identified.mean()),
        float(is_close.mean()),
        float(np.mean(holds) / identified.mean()) if identified.any() else math.nan,
        float(np.mean([event.verdict == RISE for event in events])),
    )


def _measured(opened: Array, at: int) -> Event:
    months = pd.date_range("2010-01-01", periods=len(opened), freq="MS")
    monthly = pd.DataFrame({"month": months, "opened": opened, "at_risk": AT_RISK})
    event = {"flash_point_id": "E", "name": "E", "started_on": months[at], "kind": "attack"}
    return measure(monthly, pd.DataFrame([event])).events[0]


# -- tables ------------------------------------------------------------------------------------


def main() -> str:
    """Run all settings, and return their tables."""
    settings = [
        Setting(months, mean, rho, doubles, dispersion, events)
        for (months, events), rho, mean, (doubles, dispersion) in product(
            LAYOUTS, RHOS, MEANS, SHAPES
        )
    ]
    tallies = _each(tally, [(one, SERIES, SEED + at) for at, one in enumerate(settings)])
    cases = [*product(PEAKS, (0.0, 0.5), (1.0,))]
    fadings = _each(fade, [(*one, SERIES, SEED + at) for at, one in enumerate(cases)])
    return "\n\n".join([summary(tallies), fading_table(fadings), every(tallies)])


def _each(work: Callable[..., object], arguments: Sequence[tuple[object, ...]]) -> list:
    """Run work in processes of one thread each."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        return pool.starmap(work, arguments, chunksize=1)


def summary(tallies: Sequence[Tally]) -> str:
    """Return a table of the twelve settings of each length, number of events and correlation."""
    groups: dict[tuple[int, int, float], list[Tally]] = {}
    for one in tallies:
        key = (one.setting.months, one.setting.events, one.setting.rho)
        groups.setdefault(key, []).append(one)
    rows = [
        [
            f"{months}",
            f"{events}",
            f"{rho:g}",
            _worst(one.false_claims for one in found),
            _worst(share for one in found for share in one.false_by_event),
            _range(one.too_little for one in found),
            _range(one.covered for one in found),
            _range(one.covered_planted for one in found),
            _range(one.rises for one in found),
            _range(one.covered_rises for one in found),
        ]
        for (months, events, rho), found in groups.items()
    ]
    header = [
        "months",
        "events",
        "correlation",
        "false claims a series",
        "a false claim of an event",
        "too little data",
        "interval holds, no rise",
        "interval holds, rise planted",
        "rise called",
        "interval holds where called",
    ]
    return table(header, rows)


def fading_table(fadings: Sequence[Fading]) -> str:
    """Return a table of half-lives."""
    rows = [
        [
            f"{one.peak}",
            f"{one.rho:g}",
            f"{one.dispersion:g}",
            _percent(one.rises),
            _percent(one.identified),
            _percent(1 - one.identified),
            _percent(one.close),
            _percent(one.covered),
        ]
        for one in fadings
    ]
    header = [
        "peak",
        "correlation",
        "variance ÷ mean",
        "rise called",
        "identified",
        "not identifiable",
        f"within {CLOSE[0]:g}–{CLOSE[1]:g}",
        "interval holds, where identified",
    ]
    return table(header, rows)


def every(tallies: Sequence[Tally]) -> str:
    """Return a table of every setting, folded away."""
    rows = [
        [
            f"{one.setting.months}",
            f"{one.setting.events}",
            f"{one.setting.rho:g}",
            f"{one.setting.mean:g}",
            "doubles" if one.setting.doubles else "flat",
            f"{one.setting.dispersion:g}",
            _percent(one.false_claims),
            " ".join(_percent(share) for share in one.false_by_event),
            _percent(one.too_little),
            _percent(one.covered),
            _percent(one.covered_planted),
            _percent(one.rises),
            _percent(one.covered_rises),
        ]
        for one in tallies
    ]
    header = [
        "months",
        "events",
        "correlation",
        "mean",
        "trend",
        "variance ÷ mean",
        "false claims",
        "of each event",
        "too little",
        "holds",
        "holds, planted",
        "called",
        "holds, called",
    ]
    settings = table(header, rows)
    return f"<details><summary>Every setting</summary>\n\n{settings}\n\n</details>"


def _worst(shares: Iterable[float]) -> str:
    known = [*shares]
    return f"{_percent(max(known))} at most, {_percent(float(np.mean(known)))} on average"


def _range(shares: Iterable[float]) -> str:
    known = [share for share in shares if not math.isnan(share)]
    return f"{_percent(min(known))} to {_percent(max(known))}" if known else "–"


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.1f}%"
