"""Drawing at random, so that the same seed always gives the same bytes.

Every column draws from a stream of its own, named after it: adding one leaves the others alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NONE = -1  # a blank, in arrays of codes, days and counts


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random stream of that name (``hash`` would change from run to run)."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def pick(rng: np.random.Generator, weights: ArrayLike, size: int) -> Ints:
    """Draw ``size`` indexes into ``weights``, each with odds of its weight."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    drawn = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    within: Ints = np.minimum(drawn, len(edges) - 1)
    return within


def happens(rng: np.random.Generator, share: float | Floats, size: int) -> Bools:
    """Return ``size`` independent yeses with probability ``share``."""
    return rng.random(size) < share


def lognormal(rng: np.random.Generator, median: float | Floats, spread: float, size: int) -> Floats:
    """Draw from a lognormal by its median and the standard deviation of its logarithm."""
    return median * np.exp(spread * rng.standard_normal(size))


def choose(rng: np.random.Generator, weights: Floats, count: int) -> Ints:
    """Choose ``count`` different indexes, in random order, heavier ones more likely.

    One draw after another without replacement, done at once (Efraimidis and Spirakis 2006): each
    index waits an exponential time at the rate of its weight, and the first ``count`` are taken.
    Weights of zero are never chosen, so fewer come back where too few are above zero.
    """
    with np.errstate(divide="ignore"):
        waits = rng.standard_exponential(len(weights)) / weights
    count = min(count, int(np.count_nonzero(weights)))
    if count == 0:
        return np.empty(0, dtype=np.int64)
    first = np.argpartition(waits, count - 1)[:count]
    return rng.permutation(np.sort(first))


def split(rng: np.random.Generator, total: int, weights: Floats) -> Ints:
    """Split ``total`` things over ``weights``, each share rounded up or down by one draw."""
    if len(weights) == 0:
        return np.empty(0, dtype=np.int64)
    edges = np.cumsum(weights) / np.sum(weights) * total
    edges[-1] = total  # rounding errors may neither lose the last one nor add one
    steps = np.minimum(np.floor(edges + rng.random()), total)
    parts: Ints = np.diff(steps, prepend=0).astype(np.int64)
    return parts


def between(rng: np.random.Generator, low: ArrayLike, high: ArrayLike, size: int) -> Ints:
    """Draw ``size`` whole numbers from ``low`` to ``high``, both included."""
    first, last = np.asarray(low), np.asarray(high)
    drawn: Ints = (first + np.floor(rng.random(size) * (last - first + 1))).astype(np.int64)
    return drawn


def table(values: dict[str, float], names: Sequence[str], default: float = 1.0) -> Floats:
    """Return the values of ``names`` in their order, ``default`` where none is given."""
    return np.array([values.get(name, default) for name in names], dtype=float)
