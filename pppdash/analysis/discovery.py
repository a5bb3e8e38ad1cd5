"""Many questions asked at once: p adjusted for how many there are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats


def q_values(p: ArrayLike) -> NDArray[np.float64]:
    """Return q of all tests made together (Benjamini & Hochberg 1995).

    Parameters
    ----------
    p
        Of any shape; NaN where no test was made, which then counts for nothing.

    Returns
    -------
    np.ndarray
        As ``p``: the smallest share of false discoveries at which each would be called one.
    """
    values = np.asarray(p, dtype=np.float64)
    known = np.isfinite(values)
    q = np.full_like(values, np.nan)
    if known.any():
        q[known] = stats.false_discovery_control(values[known])
    return q
