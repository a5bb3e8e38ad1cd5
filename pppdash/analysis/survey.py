"""What partners answered, how sure that is, and whether it moved.

Results come by question, wave and at most one segmentation, with the groups that
:mod:`pppdash.analysis.suppression` hides already left out: what is in a `Survey` may be published
whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from pppdash.analysis.estimates import Estimates, Means, estimate
from pppdash.analysis.raking import Floats
from pppdash.analysis.responses import SEGMENTS, Responses, arrange
from pppdash.analysis.trends import SIGNIFICANT, Moves, find_moves
from pppdash.errors import UsageError
from pppdash.metrics.intervals import CONFIDENCE, wilson

BETTER, WORSE = "better", "worse"
NO_CHANGE, TOO_LITTLE = "no detectable change", "too little data"

FIGURES = [
    "n_effective",
    "response_rate",
    *("mean", "mean_low", "mean_high"),
    *("top_two", "top_two_low", "top_two_high"),
    *("net_score", "net_low", "net_high"),
    *("change", "change_q"),
    *("trend_per_year", "trend_q"),
]
RESULT_COLUMNS = [
    *("question_id", "text", "theme", "kind", "scale_min", "scale_max"),
    *("wave", "label", "segment", "n"),
    *FIGURES,
    "change_since",
    "verdict",
    "suppressed",
]
WAVE_COLUMNS = [
    *("wave", "label", "invited", "respondents", "response_rate"),
    *("weighted_to", "suppressed"),
]
DISTRIBUTION_COLUMNS = ["question_id", "wave", "segment", "score", "n", "share"]


@dataclass(frozen=True)
class Survey:
    """A survey's results, fit to be published as they stand.

    Attributes
    ----------
    segment
        What the results are broken down by: "sector", "size_band", "area_id", or "" for all
        respondents together.
    results
        One row a question, wave and group (`RESULT_COLUMNS`), ordered by question, wave, group.
        ``segment`` is the group: a sector, a size band, an area's name, "" for all. ``n`` (Int64)
        counts answers; ``n_effective`` is Kish's number for them; ``response_rate`` (0 to 1) is
        the wave's respondents over those invited, NaN where that is unknown or under a
        segmentation. ``mean`` is on the question's scale; ``top_two`` (0 to 1) the share in the two
        highest whole answers, NaN on a scale of two points; ``net_score`` (-1 to 1) promoters less
        detractors, NaN but for a question of kind "recommend" on 0 to 10. ``*_low`` and ``*_high``
        are 95% intervals; a mean that everybody gave alike has none. ``change`` is that of the
        mean since ``change_since`` (the wave before in which this row's group is shown; NaT),
        ``trend_per_year`` the slope of the score over all waves up to this one; ``change_q`` and
        ``trend_q`` are adjusted for all questions and groups of the wave. ``verdict`` is of the
        trend: "better", "worse", "no detectable change" or "too little data". Where
        ``suppressed``, every figure is missing and the verdict is "too little data".
    waves
        One row a wave (`WAVE_COLUMNS`): how many were asked and answered, ``weighted_to`` (names
        of variables, comma-joined; "" for unweighted). ``respondents`` (Int64) and
        ``response_rate`` are missing where ``suppressed``.
    distributions
        How many (``n``) and what weighted ``share`` gave each score, for rows of ``results`` that
        are shown.
    remarks
        Sentences: what could not be done, and what was left out.
    min_respondents
        Groups of fewer are suppressed.
    """

    segment: str
    results: pd.DataFrame
    waves: pd.DataFrame
    distributions: pd.DataFrame
    remarks: tuple[str, ...]
    min_respondents: int


def measure(
    answers: pd.DataFrame,
    questions: pd.DataFrame,
    waves: pd.DataFrame,
    margins: pd.DataFrame,
    min_respondents: int,
    segment: str = "",
) -> Survey:
    """Measure a survey, wave by wave, and say what moved.

    Parameters
    ----------
    answers
        One row a respondent's answer: wave, respondent_id, question_id, score, sector, size_band,
        area_id, area_name.
    questions
        Columns question_id, text, theme, kind, scale_min, scale_max.
    waves
        Columns wave, label, invited.
    margins
        Known totals: wave, variable (one of `SEGMENTS`), value, population. A wave without any is
        not weighted.
    min_respondents
        Groups of fewer answers are suppressed, and with them what would give them away.
    segment
        One of `SEGMENTS` to break down by; "" for all respondents together.

    Raises
    ------
    UsageError
        There is no such segmentation.
    """
    if segment and segment not in SEGMENTS:
        raise UsageError(f"A survey is broken down by {', '.join(SEGMENTS)}, not by {segment}.")
    responses = arrange(answers, questions, margins, min_respondents, segment)
    held = _waves(responses, waves, min_respondents)
    return Survey(
        segment=segment,
        results=_results(responses, held),
        waves=held,
        distributions=_distributions(responses),
        remarks=(*responses.remarks, *_net_remarks(responses.questions)),
        min_respondents=min_respondents,
    )


def _waves(responses: Responses, waves: pd.DataFrame, least: int) -> pd.DataFrame:
    """Return every wave with who was asked and who answered, few left out."""
    answered = pd.DataFrame(
        {
            "wave": [wave.on for wave in responses.waves],
            "respondents": [len(wave.people) for wave in responses.waves],
            "weighted_to": [
                ", ".join(margin.variable for margin in wave.weights.margins)
                for wave in responses.waves
            ],
        }
    ).astype({"wave": waves["wave"].dtype, "weighted_to": "str"})
    held = waves[["wave", "label", "invited"]].merge(answered, on="wave", how="outer")
    held["weighted_to"] = held["weighted_to"].fillna("")
    held["label"] = held["label"].fillna(held["wave"].dt.strftime("%B %Y"))
    held["suppressed"] = held["respondents"].fillna(0) < least
    held["respondents"] = held["respondents"].astype("Int64").mask(held["suppressed"])
    invited = held["invited"].astype("Float64").where(lambda asked: asked > 0)
    held["response_rate"] = (held["respondents"] / invited).astype("float64")
    held.loc[held["response_rate"] > 1, "response_rate"] = np.nan
    return held.sort_values("wave", ignore_index=True)[WAVE_COLUMNS]


def _results(responses: Responses, held: pd.DataFrame) -> pd.DataFrame:
    """Return one row for every listed question, wave and group."""
    cells = _filled(_cells(responses), responses)
    cells["n"] = cells["n"].astype("Int64")
    cells["verdict"] = _verdicts(cells)
    named = cells.merge(held[["wave", "label", "response_rate"]], on="wave", how="left")
    is_whole = (named["segment"] == "") & ~named["suppressed"]
    named["response_rate"] = named["response_rate"].where(is_whole)
    ordered = named.sort_values(["question_id", "wave", "segment"], ignore_index=True)
    return ordered[RESULT_COLUMNS]


def _filled(cells: pd.DataFrame, responses: Responses) -> pd.DataFrame:
    """Return cells with their figures; none are looked at of those that are suppressed."""
    estimates = estimate(responses)
    is_shown = ~cells["suppressed"]
    places = cells.loc[is_shown, ["at", "question", "group"]].to_numpy().T
    at = (places[0], places[1], pd.Index(estimates.groups).get_indexer(places[2]))
    shown = np.zeros(estimates.n.shape, dtype=bool)
    shown[at] = True
    dates = pd.DatetimeIndex([wave.on for wave in responses.waves])
    years = np.array([date.toordinal() / 365.25 for date in dates])
    found = figures(estimates, find_moves(estimates, shown, years), dates)
    known = pd.DataFrame({name: array[at] for name, array in found.items()}, cells.index[is_shown])
    return cells.join(known)


def _cells(responses: Responses) -> pd.DataFrame:
    """Return the listed questions, waves and groups by number and name, with what is hidden."""
    listed = [
        (at, *cell, bool(wave.hidden[tuple(cell)]))
        for at, wave in enumerate(responses.waves)
        for cell in np.argwhere(wave.is_listed)
    ]
    cells = pd.DataFrame(listed, columns=["at", "question", "group", "suppressed"])
    cells = cells.astype({"at": "int64", "question": "int64", "group": "int64", "suppressed": bool})
    dates = pd.DatetimeIndex([wave.on for wave in responses.waves], dtype="datetime64[us]")
    cells["wave"] = dates[cells["at"]]
    cells["segment"] = pd.Index(responses.segments, dtype="str")[cells["group"]]
    asked = responses.questions[["question_id", "text", "theme", "kind", "scale_min", "scale_max"]]
    return cells.join(asked, on="question")


def figures(estimates: Estimates, moves: Moves, dates: pd.DatetimeIndex) -> dict[str, np.ndarray]:
    """Return every figure of `RESULT_COLUMNS` as an array of waves by questions by groups.

    Parameters
    ----------
    estimates, moves
        Of one survey.
    dates
        When its waves were held.
    """
    mean_low, mean_high = _around(estimates.score, estimates.n)
    top_low, top_high = _share_interval(estimates)
    net = Means(estimates.net.value, estimates.net.error * _of_n(estimates.n))
    net_low, net_high = _around(net, estimates.n)
    since = np.append(dates.to_numpy("datetime64[us]"), np.datetime64("NaT"))[moves.before]
    return {
        "n": estimates.n.astype("float64"),
        "n_effective": np.round(estimates.effective, 9),
        "mean": estimates.score.value,
        "mean_low": mean_low,
        "mean_high": mean_high,
        "top_two": estimates.top.value,
        "top_two_low": top_low,
        "top_two_high": top_high,
        "net_score": net.value,
        "net_low": np.maximum(net_low, -1.0),
        "net_high": np.minimum(net_high, 1.0),
        "change": moves.change,
        "change_q": moves.change_q,
        "trend_per_year": moves.slope,
        "trend_q": moves.slope_q,
        "change_since": since,
    }


def _quantile(n: np.ndarray) -> Floats:
    """Student's t with n - 1 degrees of freedom, as R's ``degf`` of those who answered."""
    t: Floats = stats.t.ppf(0.5 + CONFIDENCE / 2, np.where(n > 1, n - 1, np.nan))
    return t


def _of_n(n: np.ndarray) -> Floats:
    """Turn an error with n - 1 into one with n, which net scores are given with."""
    return np.sqrt(np.where(n > 1, (n - 1) / np.maximum(n, 1), np.nan))


def _around(means: Means, n: np.ndarray) -> tuple[Floats, Floats]:
    """Return the ends of an interval; none where all answers are alike, which says nothing."""
    reach = _quantile(n) * np.where(means.error > 1e-12, means.error, np.nan)
    return means.value - reach, means.value + reach


def _share_interval(estimates: Estimates) -> tuple[Floats, Floats]:
    """Return the interval of the top-two share on the logit scale; Wilson's at 0 and 1."""
    share, error = estimates.top.value, estimates.top.error
    inside = np.where((share > 1e-12) & (share < 1 - 1e-12), share, np.nan)
    reach = _quantile(estimates.n) * error / (inside * (1 - inside))
    center = np.log(inside / (1 - inside))
    size = pd.Series(np.ravel(estimates.effective)).fillna(0)
    ends = wilson(pd.Series(np.ravel(np.round(share))) * size, size)
    low, high = (end.to_numpy().reshape(share.shape) for end in ends)
    is_inside = np.isfinite(inside)
    return (
        np.where(is_inside, 1 / (1 + np.exp(-(center - reach))), low),
        np.where(is_inside, 1 / (1 + np.exp(-(center + reach))), high),
    )


def _verdicts(cells: pd.DataFrame) -> pd.Series:
    moved = np.where(cells["trend_per_year"] > 0, BETTER, WORSE)
    verdicts = np.where(cells["trend_q"] <= SIGNIFICANT, moved, NO_CHANGE)
    verdicts = np.where(cells["trend_q"].isna(), TOO_LITTLE, verdicts)
    return pd.Series(verdicts, cells.index, dtype="str")


def _distributions(responses: Responses) -> pd.DataFrame:
    """Return how the answers of shown groups spread over the scale."""
    parts = [pd.DataFrame(columns=DISTRIBUTION_COLUMNS)]
    names = np.array(responses.segments, dtype=object)
    ids = responses.questions["question_id"].to_numpy(dtype=object)
    for wave in responses.waves:
        who, what = np.nonzero(np.isfinite(wave.scores) & ~wave.hidden[:, wave.segments].T)
        given = pd.DataFrame(
            {
                "question_id": ids[what],
                "segment": names[wave.segments[who]],
                "score": wave.scores[who, what],
                "share": wave.weights.values[who],
            }
        )
        keys = ["question_id", "segment", "score"]
        counts = given.groupby(keys)["share"].agg(n="size", share="sum").reset_index()
        totals = counts.groupby(keys[:2])["share"].transform("sum")
        parts.append(counts.assign(share=counts["share"] / totals, wave=wave.on))
    found = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    keys = ["question_id", "wave", "segment", "score"]
    return found.sort_values(keys, ignore_index=True)[DISTRIBUTION_COLUMNS]


def _net_remarks(questions: pd.DataFrame) -> list[str]:
    """Say which questions of recommendation have no net score, and why."""
    other = (questions["scale_min"] != 0) | (questions["scale_max"] != 10)
    asked = questions.loc[(questions["kind"] == "recommend") & other, "question_id"]
    return [
        f"{question}: a net score needs a scale of 0 to 10, so none is given." for question in asked
    ]


# -- what the page still asks for --------------------------------------------------------------

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
