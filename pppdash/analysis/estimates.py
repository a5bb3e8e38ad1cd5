"""Weighted means of survey answers with their errors, and how the means of waves hang together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pppdash.analysis.raking import Codes, Floats, influence, leverage
from pppdash.analysis.responses import Responses, Wave
from pppdash.analysis.suppression import Mask

PROMOTERS_FROM, DETRACTORS_TO = 9, 6
NET_SCALE = (0.0, 10.0)

Reading = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Means:
    """Weighted means of one reading of the answers: waves by questions by groups.

    ``error`` is the standard error by linearization. NaN where nobody answered.
    """

    value: Floats
    error: Floats


@dataclass(frozen=True)
class Estimates:
    """What every question, wave and group came to: arrays of waves by questions by groups.

    ``groups`` numbers the groups that any figure may be shown of, in the order of the arrays.
    ``n`` counts answers, ``effective`` is Kish's number for them; ``weight`` is the sum of
    weights, one on average. ``score``, ``top`` (share in the two highest answers) and ``net`` are
    means. ``covariance`` and ``shared`` are waves by waves by questions by groups: the
    covariance of two waves' mean scores, and how many answered in both. For tests of few the
    covariance is corrected as R's is not: each residual by its leverage, as HC2 (MacKinnon &
    White 1985), so that without weights a wave's variance is s² / n. ``freedom`` are its degrees
    of freedom.
    """

    groups: Codes
    n: Codes
    effective: Floats
    weight: Floats
    score: Means
    top: Means
    net: Means
    covariance: Floats
    freedom: Floats
    shared: Codes


def estimate(responses: Responses) -> Estimates:
    """Estimate all means of a survey, but for the groups that are hidden altogether."""
    scales = responses.questions[["scale_min", "scale_max"]].to_numpy(dtype="float64")
    is_net = (responses.questions["kind"] == "recommend").to_numpy() & (scales == NET_SCALE).all(1)
    groups = _shown_groups(responses)
    members = [_members(wave, groups) for wave in responses.waves]
    weights = [np.isfinite(wave.scores) * wave.weights.values[:, None] for wave in responses.waves]
    pairs = list(zip(weights, members, strict=True))
    shape = (len(responses.waves), len(responses.questions), len(groups))
    weight = _stack([w.T @ m for w, m in pairs], shape)
    squares = _stack([(w**2).T @ m for w, m in pairs], shape)
    n = _stack([(w > 0).T.astype("float64") @ m for w, m in pairs], shape)
    readings: list[Reading] = [
        lambda scores: scores,
        lambda scores: _top_two(scores, scales),
        lambda scores: _net(scores, is_net),
    ]
    score, top, net = (_means(responses, members, read, shape) for read in readings)
    covariance, shared = _together(responses, members)
    return Estimates(
        groups=groups,
        n=n.astype(np.int64),
        effective=_divide(weight**2, squares),
        weight=weight,
        score=score,
        top=top,
        net=net,
        covariance=covariance,
        freedom=n - _fitted(responses)[:, None, None],
        shared=shared,
    )


def _shown_groups(responses: Responses) -> Codes:
    shown = [(wave.is_listed & ~wave.hidden).any(axis=0) for wave in responses.waves]
    return np.flatnonzero(np.any(shown, axis=0)) if shown else np.zeros(0, dtype=np.int64)


def _members(wave: Wave, groups: Codes) -> Floats:
    return np.asarray((wave.segments[:, None] == groups).astype("float64"))


def _top_two(scores: Floats, scales: Floats) -> Floats:
    """Read answers as in the top two (1) or not (0); a scale of two points has no top two."""
    is_top = np.where(np.isnan(scores), np.nan, scores > scales[:, 1] - 2)
    read: Floats = np.where(scales[:, 1] - scales[:, 0] >= 2, is_top, np.nan)
    return read


def _net(scores: Floats, is_net: Mask) -> Floats:
    """Read answers as of promoters (1), detractors (-1) and others (0)."""
    read = (scores >= PROMOTERS_FROM) * 1.0 - (scores <= DETRACTORS_TO)
    return np.asarray(np.where(np.isnan(scores) | ~is_net, np.nan, read))


def _means(
    responses: Responses, members: list[Floats], read: Reading, shape: tuple[int, ...]
) -> Means:
    """Return the means of a reading of the answers."""
    value, error = np.full(shape, np.nan), np.full(shape, np.nan)
    for k, (wave, member) in enumerate(zip(responses.waves, members, strict=True)):
        values = read(wave.scores)
        for q in np.flatnonzero(np.isfinite(values).any(axis=0)):
            value[k, q], moved = _mean(wave, member, values[:, q])
            error[k, q] = _error(moved)
    return Means(value, np.where(np.isnan(value), np.nan, error))


def _mean(wave: Wave, member: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return one question's mean by groups, and how far each respondent moves each of them."""
    is_given = np.isfinite(values)
    part = (is_given * wave.weights.values)[:, None] * member
    total = part.sum(axis=0)
    given = np.where(is_given, values, 0.0)
    mean = _divide(part.T @ given, total)
    away = np.where(is_given[:, None], given[:, None] - np.nan_to_num(mean), 0.0)
    residuals = away * member * np.nan_to_num(_divide(np.ones_like(total), total))
    return mean, influence(residuals, wave.weights)


def _error(moved: Floats) -> Floats:
    n = len(moved)
    if n < 2:
        return np.full(moved.shape[1:], np.nan)
    return np.asarray(np.sqrt((moved**2).sum(axis=0) * n / (n - 1)))


def _corrected(wave: Wave, member: Floats, scores: Floats) -> Floats:
    """Return what each respondent moves, larger by what the mean has taken up of it."""
    part = (np.isfinite(scores) * wave.weights.values)[:, None] * member
    taken = np.nan_to_num(_divide(part, np.broadcast_to(part.sum(axis=0), part.shape)))
    taken = taken + leverage(wave.weights)[:, None]
    return np.asarray(_mean(wave, member, scores)[1] / np.sqrt(1 - np.minimum(taken, 0.9)))


def _fitted(responses: Responses) -> Floats:
    """Return how many means a wave's answers are measured from: its own, and the margins'."""
    return np.array(
        [
            1.0 + sum(len(margin.totals) - 1 for margin in wave.weights.margins)
            for wave in responses.waves
        ]
    )


def _together(responses: Responses, members: list[Floats]) -> tuple[Floats, Codes]:
    """Return the covariance of waves' means through those who answered in both, and how many."""
    waves, questions = responses.waves, len(responses.questions)
    shape = (len(waves), len(waves), questions, members[0].shape[1] if members else 0)
    covariance, shared = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    pairs = [pair for j in range(len(waves)) for pair in _pairs(responses, j)]
    for q in range(questions):
        moved = [
            _corrected(wave, member, wave.scores[:, q])
            for wave, member in zip(waves, members, strict=True)
        ]
        present = [
            np.isfinite(wave.scores[:, q, None]) * member
            for wave, member in zip(waves, members, strict=True)
        ]
        for j, k, mine, theirs in pairs:
            both = (moved[j][mine] * moved[k][theirs]).sum(axis=0)
            covariance[j, k, q] = covariance[k, j, q] = both
            shared[j, k, q] = shared[k, j, q] = (present[j][mine] * present[k][theirs]).sum(axis=0)
    return covariance, shared


def _pairs(responses: Responses, j: int) -> Iterator[tuple[int, int, Codes, Codes]]:
    """Return the waves from j on with whom it shares respondents, and where these stand in both."""
    for k in range(j, len(responses.waves)):
        people, others = responses.waves[j].people, responses.waves[k].people
        _, mine, theirs = np.intersect1d(people, others, assume_unique=True, return_indices=True)
        if len(mine):
            yield j, k, mine, theirs


def _stack(parts: list[Floats], shape: tuple[int, ...]) -> Floats:
    return np.stack(parts) if parts else np.zeros(shape)


def _divide(above: Floats, below: Floats) -> Floats:
    """Divide, with NaN where there is nothing to divide by."""
    missing: Floats = np.full(np.shape(below), np.nan)
    return np.divide(above, below, out=missing, where=below > 0)
