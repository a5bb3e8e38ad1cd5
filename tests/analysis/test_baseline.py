"""The baseline and what it says of sums of months, held against other people's code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from pppdash.analysis import baseline
from pppdash.analysis.baseline import ACCOUNTS_EACH, HARMONIC_MONTHS, Counts, fit, scatter
from pppdash.analysis.excess import assess, learn
from pppdash.analysis.spread import _from_skewed, _to_skewed
from pppdash.analysis.windows import Settings

SPANS = [(10, 13), (30, 33), (50, 56)]


def counts(seed: int = 1, months: int = 72, mean: float = 12.0) -> Counts:
    rng = np.random.default_rng(seed)
    base = np.ones(months, dtype=bool)
    for start, stop in SPANS:
        base[start:stop] = False
    at_risk = np.linspace(9_000, 8_000, months)
    return Counts(rng.poisson(mean, months).astype(float), at_risk, base)


def glm(made: Counts, mask: np.ndarray):
    """The same regression by statsmodels, with the dispersion of a quasi-Poisson model."""
    model = sm.GLM(
        made.opened[mask],
        made.design[mask],
        family=sm.families.Poisson(),
        offset=np.log(made.at_risk[mask]),
    )
    return model.fit(scale="X2")


def test_the_fit_is_that_of_statsmodels():
    made = counts()
    masks = np.array([made.is_base, made.is_base & (np.arange(72) > 20), np.arange(72) < 60])
    fits = fit(made, masks)
    assert fits.is_found.all()
    for mask, expected in zip(masks, fits.expected, strict=True):
        found = glm(made, mask).predict(made.design, offset=np.log(made.at_risk))
        assert expected == pytest.approx(found, rel=1e-7)


def test_the_standard_error_of_a_window_is_that_of_statsmodels_where_months_are_independent():
    made = counts()
    fits = fit(made, made.is_base[None])
    alone = replace(
        scatter(fits), weights=np.eye(1, len(baseline.PAIRS))[0]
    )  # independent months come first
    window = np.zeros((1, 72))
    window[0, 30:33] = 1
    found = alone.errors(fits.influence(window), fits.expected[0])[0]
    model, expected = glm(made, made.is_base), fits.expected[0]
    slope = expected[30:33] @ made.design[30:33]
    variance = model.scale * expected[30:33].sum() + slope @ model.cov_params() @ slope
    assert found == pytest.approx(np.sqrt(variance), rel=1e-6)


def test_the_likelihood_of_a_correlation_is_the_restricted_one():
    """Against the textbook's formula, with explicit inverses and determinants."""
    made = counts(2)
    fits = fit(made, made.is_base[None])
    found = scatter(fits)
    root = np.sqrt(fits.expected[0])
    off, x = ((made.opened - fits.expected[0]) / root)[made.is_base], made.design * root[:, None]
    x = x[made.is_base]
    free = len(off) - x.shape[1]
    logs = []
    for rho, share in baseline.PAIRS:
        apart = np.abs(np.subtract.outer(np.arange(72), np.arange(72)))[made.is_base][
            :, made.is_base
        ]
        v = np.where(apart == 0, 1.0, share * float(rho) ** apart)
        inverse = np.linalg.inv(v)
        information = x.T @ inverse @ x
        rest = inverse - inverse @ x @ np.linalg.inv(information) @ x.T @ inverse
        squares = off @ rest @ off
        logs.append(
            -0.5
            * (free * np.log(squares) + np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1])
        )
    weights = np.exp(np.array(logs) - max(logs)) * baseline.PRIOR
    assert found.weights == pytest.approx(weights / weights.sum(), abs=1e-7)


def test_correlated_months_are_found_out_and_widen_the_interval():
    rng = np.random.default_rng(3)
    z = np.zeros(120)
    for month in range(1, 120):
        z[month] = 0.8 * z[month - 1] + 0.6 * rng.standard_normal()
    base = np.ones(120, dtype=bool)
    base[60:63] = False
    waving = stats.poisson.ppf(stats.norm.cdf(z), 20.0)
    shuffled = np.where(base, 0, waving)
    shuffled[base] = rng.permutation(waving[base])
    found = [
        learn(Counts(s, np.full(120, 9e3), base), [(60, 63)], 0.95) for s in (waving, shuffled)
    ]
    assert found[0].scatter.rho > 0.6 > 0.3 > found[1].scatter.rho
    assert found[0].inflation > 2 * found[1].inflation
    window = np.zeros((1, 120))
    window[0, 60:63] = 1
    assert found[0].errors(window)[0] > 1.3 * found[1].errors(window)[0]


@pytest.mark.parametrize("skew", [0.0, 0.2, 0.6, 1.0])
def test_skewed_quantiles_are_those_of_a_pearson_iii_variable(skew):
    levels = np.array([0.025, 0.2, 0.5, 0.8, 0.975, 0.999])
    exact = stats.pearson3.ppf(levels, skew)
    normal = stats.norm.ppf(levels)
    found = np.array([_to_skewed(float(z), np.array([skew]))[0] for z in normal])
    assert found == pytest.approx(exact, abs=0.05)
    assert _from_skewed(found, np.full(6, skew)) == pytest.approx(normal, abs=1e-6)


def test_interval_and_p_agree():
    made = counts(4)
    found = learn(made, SPANS, 0.95)
    windows = np.zeros((3, 72))
    for row, (start, stop) in enumerate(SPANS):
        windows[row, start:stop] = 1
    spread = found.spread(windows)
    low, high = spread.interval(0.95)
    assert (low < spread.mean).all() and (spread.mean < high).all()
    assert spread.p_values(high - spread.mean) == pytest.approx([0.05] * 3, abs=1e-5)
    assert spread.below(high - spread.mean) == pytest.approx([0.975] * 3, abs=1e-5)


def test_counts_of_few_accounts_lean_to_the_right_and_never_below_zero():
    made = counts(5, mean=1.0)
    found = learn(made, SPANS, 0.95)
    low, high = found.band()
    assert (low >= 0).all()
    assert (high - found.expected > found.expected - low).all()


def test_q_is_that_of_statsmodels():
    made = counts(6)
    found = learn(made, SPANS, 0.95)
    windows = np.zeros((3, 72))
    for row, (start, stop) in enumerate(SPANS):
        windows[row, start:stop] = 1
    p_values = found.spread(windows).p_values(windows @ (made.opened - found.expected))
    expected = multipletests(p_values, method="fdr_bh")[1]
    assert [one.q for one in assess(made, found, SPANS, Settings())] == pytest.approx(expected)


def test_placebo_windows_are_refitted_one_by_one():
    """The rank by brute force: statsmodels fits every placebo window's other months anew."""
    made = counts(7)
    found = learn(made, SPANS, 0.95)
    one = assess(made, found, SPANS, Settings())[0]
    starts = [at for at in range(70) if made.is_base[at : at + 3].all()]
    assert one.placebos == len(starts)

    def statistic(start: int, mask: np.ndarray) -> float:
        model = glm(made, mask)
        expected = model.predict(made.design, offset=np.log(made.at_risk))
        window = (np.arange(72) >= start) & (np.arange(72) < start + 3)
        covariance = np.linalg.inv(made.design[mask].T * expected[mask] @ made.design[mask])
        pull = (expected[window] @ made.design[window]) @ covariance
        influence = window - np.where(mask, made.design @ pull, 0)
        reach = influence * np.sqrt(expected)
        variance = reach @ found.scatter.covariance @ reach * model.scale
        return float((made.opened - expected)[window].sum() / np.sqrt(variance))

    placebos = [
        statistic(at, made.is_base & ~((np.arange(72) >= at) & (np.arange(72) < at + 3)))
        for at in starts
    ]
    above = np.sum(np.abs(placebos) >= abs(statistic(10, made.is_base)))
    assert one.placebo_p == pytest.approx((1 + above) / (1 + len(starts)))


def test_regressors_are_only_as_many_as_months_and_accounts_carry():
    def width(months: int, each: float) -> int:
        made = Counts(np.full(months, each), np.full(months, 9e3), np.ones(months, dtype=bool))
        return made.design.shape[1]

    assert width(HARMONIC_MONTHS, 5.0) == 4
    assert width(HARMONIC_MONTHS - 1, 5.0) == 2
    assert width(HARMONIC_MONTHS, 1.0) == 2
    assert width(2 * ACCOUNTS_EACH - 1, 1.0) == 1
