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
from pppdash.analysis.suppression import Mask
from pppdash.analysis.trends import SIGNIFICANT, find_moves
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
    found = figures(estimates, shown, dates)
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


def figures(estimates: Estimates, is_shown: Mask, dates: pd.DatetimeIndex) -> dict[str, np.ndarray]:
    """Return every figure of `RESULT_COLUMNS` as an array of waves by questions by groups.

    Parameters
    ----------
    estimates
        Of one survey.
    is_shown
        Waves by questions by groups: only these are compared.
    dates
        When its waves were held.
    """
    years = np.array([date.toordinal() / 365.25 for date in dates])
    moves = find_moves(estimates, is_shown, years)
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
