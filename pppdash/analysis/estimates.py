"""Weighted means of survey answers with their errors, and how the means of waves hang together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pppdash.analysis.raking import Codes, Floats, influence, leverage
from pppdash.analysis.responses import Responses, Wave
from pppdash.analysis.suppression import Mask

PROMOTERS_FROM, DETRACTORS_TO = 9, 6
NET_SCALE = (0.0, 10.0)


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
    scores, influences = _mean(responses, members, lambda scores: scores)
    weights = [np.isfinite(wave.scores) * wave.weights.values[:, None] for wave in responses.waves]
    pairs = list(zip(weights, members, strict=True))
    weight = _stack([w.T @ m for w, m in pairs], scores.value.shape)
    squares = _stack([(w**2).T @ m for w, m in pairs], scores.value.shape)
    n = _stack([(w > 0).T.astype(float) @ m for w, m in pairs], scores.value.shape)
    return Estimates(
        groups=groups,
        n=n.astype(np.int64),
        effective=_divide(weight**2, squares),
        weight=weight,
        score=scores,
        top=_mean(responses, members, lambda scores: _top_two(scores, scales))[0],
        net=_mean(responses, members, lambda scores: _net(scores, is_net))[0],
        covariance=_covariance(responses, _corrected(responses, members, influences, weight)),
        freedom=n - _fitted(responses)[:, None, None],
        shared=_shared(responses, members),
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


def _mean(
    responses: Responses, members: list[Floats], read: Callable[[Floats], Floats]
) -> tuple[Means, list[Floats]]:
    """Return the means of a reading, and how far each respondent moves each of them."""
    found = [
        _wave_mean(wave, member, read(wave.scores))
        for wave, member in zip(responses.waves, members, strict=True)
    ]
    shape = (len(found), len(responses.questions), members[0].shape[1] if members else 0)
    error = _stack([_error(moved) for _, moved in found], shape)
    value = _stack([mean for mean, _ in found], shape)
    return Means(value, np.where(np.isnan(value), np.nan, error)), [moved for _, moved in found]


def _error(moved: Floats) -> Floats:
    n = len(moved)
    if n < 2:
        return np.full(moved.shape[1:], np.nan)
    return np.asarray(np.sqrt((moved**2).sum(axis=0) * n / (n - 1)))


def _wave_mean(wave: Wave, member: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return one wave's means, and respondents by questions by groups of their influence."""
    is_given = np.isfinite(values)
    weighted = is_given * wave.weights.values[:, None]
    total = weighted.T @ member
    mean = _divide((weighted * np.nan_to_num(values)).T @ member, total)
    own = member @ np.nan_to_num(mean).T
    share = member @ np.nan_to_num(_divide(np.ones_like(total), total)).T
    residual = np.where(is_given, (np.nan_to_num(values) - own) * share, 0.0)
    spread = residual[:, :, None] * member[:, None, :]
    moved = influence(spread.reshape(len(values), -1), wave.weights)
    return mean, moved.reshape(spread.shape)


def _corrected(
    responses: Responses, members: list[Floats], influences: list[Floats], weight: Floats
) -> list[Floats]:
    """Return what each respondent moves, larger by what the mean has taken up of it."""
    corrected = []
    for wave, member, moved, total in zip(
        responses.waves, members, influences, weight, strict=True
    ):
        own = np.isfinite(wave.scores) * wave.weights.values[:, None]
        share = own[:, :, None] * member[:, None, :] * _divide(np.ones_like(total), total)
        taken = np.nan_to_num(share) + leverage(wave.weights)[:, None, None]
        corrected.append(moved / np.sqrt(1 - np.minimum(taken, 0.9)))
    return corrected


def _fitted(responses: Responses) -> Floats:
    """Return how many means a wave's answers are measured from: its own, and the margins'."""
    return np.array(
        [
            1.0 + sum(len(margin.totals) - 1 for margin in wave.weights.margins)
            for wave in responses.waves
        ]
    )


def _covariance(responses: Responses, influences: list[Floats]) -> Floats:
    """Return the covariance of the waves' means, through those who answered in both."""
    waves, shape = len(influences), influences[0].shape[1:] if influences else (0, 0)
    found = np.zeros((waves, waves, *shape))
    for j in range(waves):
        for k in range(j, waves):
            _, mine, theirs = _both(responses, j, k)
            both = np.einsum("iqs,iqs->qs", influences[j][mine], influences[k][theirs])
            found[j, k] = found[k, j] = both
    return found


def _shared(responses: Responses, members: list[Floats]) -> Codes:
    """Return how many answered a question in both of two waves, in the same wave."""
    waves, size = len(members), members[0].shape[1] if members else 0
    found = np.zeros((waves, waves, len(responses.questions), size), dtype=np.int64)
    for j in range(waves):
        for k in range(j, waves):
            _, mine, theirs = _both(responses, j, k)
            first = np.isfinite(responses.waves[j].scores[mine])
            second = np.isfinite(responses.waves[k].scores[theirs])
            both = members[j][mine] * members[k][theirs]
            found[j, k] = found[k, j] = (first & second).T.astype("float64") @ both
    return found


def _both(responses: Responses, j: int, k: int) -> tuple[Codes, Codes, Codes]:
    return np.intersect1d(
        responses.waves[j].people,
        responses.waves[k].people,
        assume_unique=True,
        return_indices=True,
    )


def _stack(parts: list[Floats], shape: tuple[int, ...]) -> Floats:
    return np.stack(parts) if parts else np.zeros(shape)


def _divide(above: Floats, below: Floats) -> Floats:
    """Divide, with NaN where there is nothing to divide by."""
    missing: Floats = np.full(np.shape(below), np.nan)
    return np.divide(above, below, out=missing, where=below > 0)
