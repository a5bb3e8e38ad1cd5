"""What a survey's results come to, in sentences that are right in every state of them.

They are made from what may be published alone, and describe: nothing is said to be caused.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from pppdash.analysis.survey import BETTER, NO_CHANGE, WORSE
from pppdash.views import theme

ARROWS = ("▲", "▼")
VERDICTS = {BETTER: "▲ Better", WORSE: "▼ Worse", NO_CHANGE: "No detectable change"}
WHOLE_AREA = "Whole city"  # what the warehouse calls the area of a score that names none
FILTERS = (
    "Of the filters, only the date applies here: survey results are published by question, wave "
    "and one kind of group at a time, so that nobody’s answer can be worked out."
)
DATE_ALONE = "Of the filters, only the date applies to the survey."
SCORES_FILTERS = (
    "Of the filters, only the date applies here, and chosen areas of the first layer are drawn "
    "strong."
)
SCORES_NOTE = (
    "Averaged by whoever published them, with no number of answers: no interval can be given, and "
    "no change can be told from chance. One line an area; the strong line is their median, or the "
    "areas chosen."
)
PANELS = (
    "Those that moved most clearly first, in color; every panel covers the same part of its scale. "
    "Pale bars are 95% intervals, n counts answers; an arrow stands where the trend of the average "
    "has a q of at most .05."
)
NOTHING = "Too few answered for a result to be shown: better or worse cannot be told."
UNKNOWN = "how many were asked is unknown"
UNASKED = "Neither answers nor weights can speak for those who were never asked."
VARIABLES = {"size_band": "size", "sector": "sector", "area_id": "area"}


# -- the page's first sentence -----------------------------------------------------------------


def headline(
    latest: pd.DataFrame, waves: pd.DataFrame, scores: pd.DataFrame, first_on: date | None
) -> str:
    """Return whether answers got better, and whether fewer gave them.

    Parameters
    ----------
    latest
        The questions of the last wave that may be shown, those that moved most clearly first; see
        ``answers.of_last_wave``.
    waves
        ``Survey.waves``.
    scores
        Published averages by the date, spoken of only where there are no answers.
    first_on
        The first wave at any date; None where no survey has been brought.
    """
    if waves.empty:
        return averages(scores) if len(scores) else not_yet(first_on)
    if latest.empty:
        return NOTHING
    return f"{_moved(latest, waves)} {participation(waves)}"


def not_yet(first_on: date | None) -> str:
    """Return from which date on there is something of the survey."""
    if first_on is None:
        return "No survey has been brought."
    return f"No wave had been held by this date; the first is of {theme.date_form(first_on)}."


def _moved(latest: pd.DataFrame, waves: pd.DataFrame) -> str:
    """Return on how many questions answers got better and worse, and on which most clearly."""
    better, worse = _of(latest, BETTER), _of(latest, WORSE)
    total = theme.plural(len(latest), "question")
    if len(better) and len(worse):
        return (
            f"Answers got better on {len(better)} of {total}, {_most(better)}, and worse on "
            f"{len(worse)}, {_most(worse)}."
        )
    if len(better):
        return _one_way(latest, better, BETTER, WORSE)
    if len(worse):
        return _one_way(latest, worse, WORSE, BETTER)
    return _unmoved(latest, waves)


def _one_way(latest: pd.DataFrame, found: pd.DataFrame, way: str, other: str) -> str:
    if len(latest) == 1:
        return f"Answers to the one question, {_quoted(found)}, got {way}."
    total = theme.plural(len(latest), "question")
    if len(found) == len(latest):
        return f"Answers got {way} on all {total}, {_most(found)}."
    return f"Answers got {way} on {len(found)} of {total}, {_most(found)}, and {other} on none."


def _unmoved(latest: pd.DataFrame, waves: pd.DataFrame) -> str:
    """Return that nothing moved, or why nothing can be said of it."""
    alike = _of(latest, NO_CHANGE)
    if len(alike):
        span = f"from {waves['label'].iloc[0]} to {latest['label'].iloc[0]}"
        of = f"any of {len(alike)} questions" if len(alike) > 1 else "the one question compared"
        if 1 < len(alike) < len(latest):
            of = f"any of the {len(alike)} questions that can be compared"
        return f"No detectable change {span} in {of}: better or worse cannot be told."
    if len(waves) == 1:
        label = waves["label"].iloc[0]
        return f"It is too early to tell: {label} is the first wave, with none before it."
    if latest["change"].notna().any():
        return (
            "Answers differ too little from one another for a change to be told from chance: "
            "better or worse cannot be told."
        )
    return "No question has answers enough in two waves to be compared."


def _of(latest: pd.DataFrame, verdict: str) -> pd.DataFrame:
    return latest[latest["verdict"] == verdict]


def _most(found: pd.DataFrame) -> str:
    return f"most on {_quoted(found)}" if len(found) > 1 else _quoted(found)


def _quoted(found: pd.DataFrame) -> str:
    return f"“{short(found['text'].iloc[0], 46)}”"


def participation(waves: pd.DataFrame) -> str:
    """Return whether fewer answered in the last wave than in the first."""
    first, last = waves.iloc[0], waves.iloc[-1]
    if last["suppressed"]:
        return f"Who answered in {last['label']} is suppressed: too few."
    if len(waves) == 1 or first["suppressed"]:
        return f"{answered(waves)}."
    before, after = first["response_rate"], last["response_rate"]
    if theme.is_known(before) and theme.is_known(after):
        old, new = theme.percent(before), theme.percent(after)
        if old == new:
            return f"As large a share answered as in {first['label']}: {new} of those asked."
        fewer = "Fewer" if after < before else "More"
        return f"{fewer} of those asked answered: {new}, after {old} in {first['label']}."
    new, old = theme.count(last["respondents"]), theme.count(first["respondents"])
    way = "fewer" if last["respondents"] < first["respondents"] else "more"
    what = f"{way} than the {old} of {first['label']}" if new != old else f"as in {first['label']}"
    return f"{new} answered, {what}; {UNKNOWN}."


def answered(waves: pd.DataFrame) -> str:
    """Return what part of those asked answered the last wave; there is at least one."""
    last = waves.iloc[-1]
    if last["suppressed"]:
        return f"Too few answered in {last['label']} to say how many"
    if theme.is_known(last["response_rate"]):
        share = theme.percent(last["response_rate"])
        return f"{share} of those asked answered in {last['label']}"
    who = f"{theme.count(last['respondents'])} answered in {last['label']}"
    return f"{who}; {UNKNOWN}"


def verdict_text(verdict: str) -> str:
    """Return a verdict as it is written: a change by an arrow and a word."""
    return VERDICTS.get(verdict, "Too little data to tell")


# -- who was asked, and what was done with their answers ---------------------------------------


def of_asked(row: Any, least: int = 0) -> str:
    """Return who of a wave answered, of how many; ``row`` is one of ``Survey.waves``."""
    asked = UNKNOWN
    if not pd.isna(row.invited) and row.invited > 0:
        asked = f"{theme.count(row.invited)} asked"
    if row.suppressed:
        return f"answers {suppressed(least)}, {asked}" if least else f"too few answered, {asked}"
    share = f" ({theme.percent(row.response_rate)})" if theme.is_known(row.response_rate) else ""
    return f"{theme.count(row.respondents)} answered, {asked}{share}"


def suppressed(least: int) -> str:
    """Return what stands in place of a suppressed figure, and why."""
    return f"suppressed (under {least} answers, or hidden to protect such a group)"


def notes(is_suppressed: pd.Series, least: int) -> list[str]:
    """Return what tables say of each row: why its figures are missing, where they are."""
    return [suppressed(least) if hidden else "" for hidden in is_suppressed]


def who(waves: pd.DataFrame) -> list[str]:
    """Return who was asked, to what the answers are weighted, and whom that leaves out."""
    asked = waves[waves["invited"].notna()]
    if asked.empty:
        return [f"Who was asked, and how many, is not on record. {UNASKED}", weighting(waves)]
    last, before = asked.iloc[-1], asked.iloc[:-1]["invited"]
    said = f"{theme.count(last['invited'])} were asked in {last['label']}"
    if len(before):
        said += f", {_span(before)} in the {theme.plural(len(before), 'wave')} before it"
    return [f"{said}. {UNASKED}", weighting(waves)]


def _span(counts: pd.Series) -> str:
    low, high = theme.count(counts.min()), theme.count(counts.max())
    return low if low == high else f"{low} to {high}"


def weighting(waves: pd.DataFrame) -> str:
    """Return which waves are weighted, and to what."""
    weighted = waves[waves["weighted_to"] != ""]
    if weighted.empty:
        return "Answers are not weighted: no known totals could be used."
    names = sorted({name for text in weighted["weighted_to"] for name in text.split(", ")})
    to = " and ".join(VARIABLES.get(name, name) for name in names)
    held = "" if len(weighted) == len(waves) else f" in {len(weighted)} of {len(waves)} waves"
    return f"Answers are weighted{held} to the known totals by {to}."


def variables(text: str) -> str:
    """Return the variables that a wave is weighted to, as they are called; empty for none."""
    return ", ".join(VARIABLES.get(name, name) for name in text.split(", ") if name) or "nothing"


def compared(waves: pd.DataFrame) -> str:
    """Return between which waves answers are compared."""
    if len(waves) < 2:
        return f"Average answer in {waves['label'].iloc[0]}"
    return f"Average answer, {waves['label'].iloc[0]} to {waves['label'].iloc[-1]}"


# -- published averages ------------------------------------------------------------------------


def averages(scores: pd.DataFrame) -> str:
    """Return how the published averages moved: the question whose middle moved most."""
    middle = score_middles(scores).sort_values("wave")
    ends = middle.groupby("question_id").agg(
        text=("text", "last"),
        first=("score", "first"),
        last=("score", "last"),
        since=("wave", "first"),
        until=("wave", "last"),
        n=("wave", "size"),
    )
    ends = ends[ends["n"] > 1]
    unsure = "How many answered is not published, so better or worse cannot be told from chance."
    if ends.empty:
        questions = theme.plural(scores["question_id"].nunique(), "question")
        return f"{questions} with published averages of one wave: there is none to compare with."
    top = ends.loc[(ends["last"] - ends["first"]).abs().idxmax()]
    span = f"from {theme.month_form(top['since'])} to {theme.month_form(top['until'])}"
    before, after = theme.rate(top["first"]), theme.rate(top["last"])
    text, own = short(top["text"]), scores[scores["question_id"] == top.name]
    whose = "the areas’ median" if (own["area_id"] != WHOLE_AREA).any() else "the city’s average"
    if before == after:
        return f"No published average has moved: “{text}” stayed at {after} {span}. {unsure}"
    way = "rose" if top["last"] > top["first"] else "fell"
    return f"“{text}” {way} most, {whose} from {before} to {after}, {span}. {unsure}"


def score_middles(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the median of the areas by question and wave.

    Of a question that names no area it is the whole city's average, which beside areas is not one
    of them.
    """
    is_area = scores["area_id"] != WHOLE_AREA
    has_areas = is_area.groupby(scores["question_id"]).transform("any")
    rows = scores[is_area | ~has_areas]
    return rows.groupby(["question_id", "text", "wave"], as_index=False)["score"].median()


def short(text: object, most: int = 60) -> str:
    """Return a question's text without its stop, cut where it is long."""
    said = str(text).rstrip(".?")
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"
