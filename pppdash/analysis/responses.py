"""A survey's answers as a table of respondents by questions, wave by wave, weighted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pppdash.analysis.raking import Codes, Floats, Margin, Weights, rake
from pppdash.analysis.suppression import Mask, hide, may_be_listed

KEY = ["wave", "respondent_id", "question_id"]
SEGMENTS = ("sector", "size_band", "area_id")


@dataclass(frozen=True)
class Wave:
    """The respondents of one wave, and the day that stands for it.

    ``people`` numbers them through all waves, ``scores`` is respondents by questions (NaN where
    not answered), ``segments`` numbers each one's group among all groups of the survey, and
    ``hidden`` is questions by these groups. ``is_listed`` is as ``hidden``: the question was
    answered in this wave, and the group took part in it.
    """

    on: pd.Timestamp
    people: Codes
    scores: Floats
    segments: Codes
    is_listed: Mask
    hidden: Mask
    weights: Weights


@dataclass(frozen=True)
class Responses:
    """A survey's waves, in order, with what was left out or could not be done, in sentences."""

    questions: pd.DataFrame
    segments: tuple[str, ...]
    waves: tuple[Wave, ...]
    remarks: tuple[str, ...]


def arrange(
    answers: pd.DataFrame,
    questions: pd.DataFrame,
    margins: pd.DataFrame,
    min_respondents: int,
    segment: str,
) -> Responses:
    """Put answers in order, weight them wave by wave, and find which groups must be hidden.

    Parameters
    ----------
    answers
        Columns wave, respondent_id, question_id, score, sector, size_band, area_id, area_name.
    questions
        Columns question_id, text, theme, kind, scale_min, scale_max.
    margins
        Columns wave, variable, value, population.
    min_respondents
        Groups of fewer are hidden.
    segment
        One of `SEGMENTS`, or "" for all respondents together.
    """
    questions = questions.sort_values("question_id", ignore_index=True)
    usable, remarks = _usable(answers, questions)
    usable["area"] = _area_names(usable)
    names = _called(usable, segment)
    usable = usable.assign(
        question=pd.Index(questions["question_id"]).get_indexer(usable["question_id"]),
        person=pd.factorize(usable["respondent_id"], sort=True)[0],
        segment=names,
    )
    segments = tuple(sorted(set(names)))
    waves = []
    for on, rows in usable.groupby("wave"):
        known = margins[margins["wave"] == on]
        found, said = _wave(on, rows, len(questions), segments, known, min_respondents)
        waves.append(found)
        remarks += said
    return Responses(questions, segments, tuple(waves), tuple(remarks))


def _usable(answers: pd.DataFrame, questions: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the answers that can be counted, and a sentence for each kind that cannot."""
    scales = questions.set_index("question_id")[["scale_min", "scale_max"]]
    asked = answers.join(scales, on="question_id")
    asked = asked[np.isfinite(asked["score"].astype("float64"))]
    is_known = asked["scale_min"].notna()
    is_inside = asked["score"].between(asked["scale_min"], asked["scale_max"]) | ~is_known
    is_again = asked.duplicated(KEY)
    remarks = [
        f"{int(left_out.sum()):,} {what}; they are left out."
        for left_out, what in (
            (~is_known, "answers are to questions that the survey does not list"),
            (~is_inside, "answers lie outside the scale of their question"),
            (is_again, "answers were given twice by one respondent in one wave: the first counts"),
        )
        if left_out.any()
    ]
    return asked[is_known & is_inside & ~is_again].reset_index(drop=True), remarks


def _called(answers: pd.DataFrame, segment: str) -> pd.Series:
    """Return each answer's group as it is called."""
    if not segment:
        return pd.Series("", answers.index, dtype="str")
    return answers["area" if segment == "area_id" else segment].astype("str")


def _area_names(answers: pd.DataFrame) -> pd.Series:
    """Return each answer's area by its name; two areas of one name are told apart."""
    areas = answers[["area_id", "area_name"]].drop_duplicates()
    is_shared = areas["area_name"].duplicated(keep=False)
    called = areas["area_name"].mask(
        is_shared, areas["area_name"] + " (" + areas["area_id"].astype("str") + ")"
    )
    return answers["area_id"].map(dict(zip(areas["area_id"], called, strict=True)))


def _wave(
    on: pd.Timestamp,
    rows: pd.DataFrame,
    questions: int,
    segments: tuple[str, ...],
    margins: pd.DataFrame,
    least: int,
) -> tuple[Wave, list[str]]:
    people, place = np.unique(rows["person"].to_numpy(), return_inverse=True)
    scores = np.full((len(people), questions), np.nan)
    scores[place, rows["question"].to_numpy()] = rows["score"].to_numpy()
    each = rows.iloc[np.unique(place, return_index=True)[1]].reset_index(drop=True)
    codes = np.asarray(pd.Index(segments).get_indexer(each["segment"]), dtype=np.int64)
    answers, groups = _counts(scores, codes, len(segments))
    is_listed = np.outer(answers.sum(axis=1) > 0, groups > 0)
    hidden = np.ones_like(is_listed)
    hidden[:, groups > 0] = hide(answers[:, groups > 0], groups[groups > 0], least)
    # Of a wave that shows nothing, what its margins lack is nothing to tell either.
    weights, remarks = _weigh(each, scores, margins if len(each) >= least else margins[:0], least)
    if not may_be_listed(hidden, groups[groups > 0], least):
        is_listed &= len(segments) == 1  # all together are one group, and always named
        remarks.append("too few answered for any group to be named")
    said = [f"Wave of {on.day} {on:%B %Y}: {remark}." for remark in remarks]
    return Wave(on, people, scores, codes, is_listed, hidden, weights), said


def _counts(scores: Floats, codes: Codes, size: int) -> tuple[Codes, Codes]:
    """Return who answered, questions by groups, and the groups."""
    member = np.zeros((len(codes), size), dtype=np.int64)
    member[np.arange(len(codes)), codes] = 1
    return np.isfinite(scores).T.astype(np.int64) @ member, member.sum(axis=0)


# -- weights -----------------------------------------------------------------------------------


def _weigh(
    each: pd.DataFrame, scores: Floats, margins: pd.DataFrame, least: int
) -> tuple[Weights, list[str]]:
    """Rake a wave to the margins that fit it; what does not fit is said and left out."""
    usable: list[Margin] = []
    remarks: list[str] = []
    for variable, totals in margins.groupby("variable"):
        margin = _margin(str(variable), each, scores, totals, least)
        if isinstance(margin, Margin):
            usable.append(margin)
            remarks += _unheard(margin, each, totals)
        else:
            remarks.append(margin)
    weights = rake(len(each), usable)
    if weights is None:
        weights = Weights(np.ones(len(each)))
        remarks.append("no weights meet all known totals at once: answers are not weighted")
    return weights, remarks


def _margin(
    variable: str, each: pd.DataFrame, scores: Floats, totals: pd.DataFrame, least: int
) -> Margin | str:
    """Return a margin whose small groups are taken together, or why there is none.

    Groups that may not be shown are one group here, so that no weight tells them apart.
    """
    if variable not in SEGMENTS:
        return f"not weighted to {variable}, which the answers do not tell"
    # In the order of names, as groups are hidden in: of two alike the first is taken.
    codes, groups = pd.factorize(_called(each, variable), sort=True)
    known = totals.set_index(totals["value"].astype("str"))["population"].astype("float64")
    population = known.reindex(each.groupby(codes)[variable].first().astype("str"))
    if population.isna().any():
        return f"not weighted to {variable}, as its known totals leave out groups that answered"
    if not (population > 0).all():
        return f"not weighted to {variable}, as a group that answered has no known total above 0"
    answers, sizes = _counts(scores, codes, len(groups))
    merged = _merged(hide(answers, sizes, least))
    sums: Floats = np.bincount(merged, population.to_numpy()).astype("float64")
    if len(sums) < 2:
        return f"not weighted to {variable}, as too few groups answered for weights to tell apart"
    return Margin(variable, merged[codes], sums)


def _merged(hidden: Mask) -> Codes:
    """Return groups numbered anew, those as one that are hidden in every question."""
    together = hidden.all(axis=0) if len(hidden) else np.ones(hidden.shape[1], dtype=bool)
    numbers = np.cumsum(~together) - 1
    return np.where(together, (~together).sum(), numbers).astype(np.int64)


def _unheard(margin: Margin, each: pd.DataFrame, totals: pd.DataFrame) -> Iterator[str]:
    """Say which known groups did not answer, so that no weight can speak for them."""
    known = set(totals.loc[totals["population"] > 0, "value"].astype("str"))
    silent = sorted(known - set(each[margin.variable].astype("str")))
    if silent:
        who = f"{margin.variable} {', '.join(silent)}"
        yield f"nobody of {who} answered, so no weight speaks for it"
