"""What partners answered, and how sure that is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from pppdash.metrics.intervals import CONFIDENCE, wilson

KEYS = ["question_id", "wave", "segment"]
COLUMNS = [
    "question_id",
    "text",
    "theme",
    "wave",
    "label",
    "segment",
    "n",
    "mean",
    "top_two",
    "top_two_low",
    "top_two_high",
    "suppressed",
]
MOVE_COLUMNS = [
    "question_id",
    "text",
    "since",
    "until",
    "before",
    "after",
    "change",
    "n_before",
    "n_after",
    "is_apart",
]


def summarize(
    results: pd.DataFrame, questions: pd.DataFrame, waves: pd.DataFrame, min_respondents: int
) -> pd.DataFrame:
    """Mean and top-two share of every question, wave and segment.

    Parameters
    ----------
    results
        Columns question_id, wave, segment, score, n: how many gave each score.
    questions
        Columns question_id, text, theme, scale_min, scale_max.
    waves
        Columns wave, label.
    min_respondents
        Fewer answers than this are suppressed (see `suppressed`): their numbers are NaN.

    Returns
    -------
    pd.DataFrame
        `COLUMNS`, one row a question, wave and segment, in that order. ``top_two`` is the share
        that gave one of the two highest whole answers of the scale, with the 95% interval of
        `logit_interval`; NaN on a scale of fewer than three points, of which the top two are
        all. Answers are not weighted.
    """
    scales = questions.set_index("question_id")
    tops = scales["scale_max"].where(scales["scale_max"] - scales["scale_min"] >= 2)
    answers = results.assign(
        total=results["score"] * results["n"],
        top=results["n"].where(results["score"] > results["question_id"].map(tops) - 2, 0),
    )
    sums = answers.groupby(KEYS, as_index=False)[["n", "total", "top"]].sum()
    sums["mean"] = sums["total"] / sums["n"]
    sums["top"] = sums["top"].where(sums["question_id"].map(tops).notna())
    sums["top_two"] = sums["top"] / sums["n"]
    sums["top_two_low"], sums["top_two_high"] = logit_interval(sums["top"], sums["n"])
    sums["suppressed"] = suppressed(sums, min_respondents)
    hidden = ["n", "mean", "top_two", "top_two_low", "top_two_high"]
    sums[hidden] = sums[hidden].astype("float64").mask(sums["suppressed"])
    sums["n"] = sums["n"].astype("Int64")
    named = sums.merge(questions[["question_id", "text", "theme"]], on="question_id")
    named = named.merge(waves[["wave", "label"]], on="wave")
    return named.sort_values(KEYS, ignore_index=True)[COLUMNS]


def suppressed(counts: pd.DataFrame, min_respondents: int) -> pd.Series:
    """Find the groups that must be hidden so that none of few answers can be worked out.

    A group of fewer than ``min_respondents`` is hidden; and where groups of one question and
    wave are shown beside their total, so are the next smallest, until at least two are hidden
    that hold ``min_respondents`` together: one alone is the total less the others.

    Parameters
    ----------
    counts
        Columns question_id, wave, segment, n.
    """
    hidden = counts["n"] < min_respondents
    for _, group in counts.groupby(["question_id", "wave"]):
        if len(group) < 2 or not hidden[group.index].any():
            continue
        by_size = group["n"].sort_values(kind="stable")
        enough = (by_size.cumsum() >= min_respondents).to_numpy()
        last = max(int(enough.argmax()) if enough.any() else len(by_size) - 1, 1)
        hidden[by_size.index[: last + 1]] = True
    return hidden


def logit_interval(successes: pd.Series, trials: pd.Series) -> tuple[pd.Series, pd.Series]:
    """95% interval of a share on the logit scale, as R's ``survey::svyciprop(method="logit")``.

    The standard error is that of an unweighted mean with n - 1, the quantile Student's t with
    n - 1 degrees of freedom. A share of 0 or 1 has no logit; there the score interval (Wilson)
    is given.

    Parameters
    ----------
    successes, trials
        Counts, element by element.

    Returns
    -------
    tuple of pd.Series
        Low and high, between 0 and 1; NaN for fewer than two trials.
    """
    n = trials.astype("float64").where(trials > 1)
    share = successes / n
    inside = share.where((share > 0) & (share < 1))
    error = np.sqrt(inside * (1 - inside) / (n - 1)) / (inside * (1 - inside))
    reach = pd.Series(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1), n.index) * error
    center = np.log(inside / (1 - inside))
    low, high = 1 / (1 + np.exp(-(center - reach))), 1 / (1 + np.exp(-(center + reach)))
    score_low, score_high = wilson(successes, n.fillna(0))
    return low.fillna(score_low), high.fillna(score_high)


def moves(summary: pd.DataFrame) -> pd.DataFrame:
    """Top-two share of each question's first and last wave, side by side.

    Parameters
    ----------
    summary
        What `summarize` returned for one segment.

    Returns
    -------
    pd.DataFrame
        question_id, text, since and until (the two waves' labels), before, after, change, n_before,
        n_after, is_apart (the two 95% intervals do not meet). Those apart come first, then the
        largest change; a question with fewer than two waves that may be shown has no row.
    """
    shown = summary[~summary["suppressed"]].sort_values(["question_id", "wave"])
    waves = shown.groupby("question_id")["wave"].transform("size")
    by_question = shown[waves > 1].groupby("question_id")
    pairs = by_question.agg(
        text=("text", "last"),
        since=("label", "first"),
        until=("label", "last"),
        before=("top_two", "first"),
        after=("top_two", "last"),
        n_before=("n", "first"),
        n_after=("n", "last"),
        low_before=("top_two_low", "first"),
        high_before=("top_two_high", "first"),
        low_after=("top_two_low", "last"),
        high_after=("top_two_high", "last"),
    ).reset_index()
    pairs["change"] = pairs["after"] - pairs["before"]
    pairs["is_apart"] = (pairs["low_after"] > pairs["high_before"]) | (
        pairs["high_after"] < pairs["low_before"]
    )
    pairs["size"] = pairs["change"].abs()
    ordered = pairs.sort_values(["is_apart", "size"], ascending=False, kind="stable")
    return ordered[MOVE_COLUMNS].reset_index(drop=True)
