"""How sure a share is, and what a small one is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

CONFIDENCE = 0.95


def wilson(successes: pd.Series, trials: pd.Series) -> tuple[pd.Series, pd.Series]:
    """95% score interval of a proportion (Wilson 1927).

    Parameters
    ----------
    successes, trials
        Counts, element by element.

    Returns
    -------
    tuple of pd.Series
        Low and high, between 0 and 1; NaN where there are no trials.
    """
    defined = trials.where(trials > 0).astype("float64")
    low, high = proportion_confint(
        successes.astype("float64"), defined, alpha=1 - CONFIDENCE, method="wilson"
    )
    # Rounding can leave the end of a share of 0 or 1 a hair off.
    low, high = pd.Series(low, trials.index), pd.Series(high, trials.index)
    low = low.clip(0, 1).mask(defined.notna() & (successes == 0), 0.0)
    return low, high.clip(0, 1).mask(successes == defined, 1.0)


def shrink(successes: pd.Series, trials: pd.Series) -> pd.Series:
    """Shares of small areas, drawn towards the whole by how little they rest on.

    Beta-binomial empirical Bayes by moments (Martuzzi & Elliott 1996, as in R's
    ``spdep::EBest(family = "binomial")``).

    Parameters
    ----------
    successes, trials
        Counts per area.

    Returns
    -------
    pd.Series
        Shrunken shares between 0 and 1; NaN where there are no trials.
    """
    n = trials.astype("float64").to_numpy()
    x = successes.astype("float64").to_numpy()
    total = n.sum()
    if total <= 0:
        return pd.Series(np.nan, trials.index)
    whole = x.sum() / total
    share = np.divide(x, n, out=np.full_like(x, whole), where=n > 0)
    mean_n = total / max(int((n > 0).sum()), 1)
    variance = (n * (share - whole) ** 2).sum() / total
    between = max(variance - whole * (1 - whole) / mean_n, 0.0)
    within = np.divide(whole * (1 - whole), n, out=np.full_like(n, np.inf), where=n > 0)
    weight = between / (between + within) if between > 0 else np.zeros_like(n)
    shrunken = pd.Series(whole + weight * (share - whole), trials.index).clip(0, 1)
    return shrunken.where(n > 0)
