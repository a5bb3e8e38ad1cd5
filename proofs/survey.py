"""Surveys: flat questions are not called, planted trends are, intervals hold, what is hidden stays.

Made-up respondents answer nine questions on a scale of 1 to 5. Half of what tells answers apart is
the respondent, who may come again; two groups differ, answer unequally, and by the last wave
otherwise than in the first, so that only weights keep a flat question flat. As in the program,
weights tell groups apart only where both have ten respondents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pppdash.analysis.estimates import estimate
from pppdash.analysis.raking import Floats, Margin, Weights, rake
from pppdash.analysis.responses import Responses, Wave
from pppdash.analysis.suppression import hide, may_be_listed
from pppdash.analysis.survey import figures
from pppdash.analysis.trends import SIGNIFICANT
from proofs.suppression import Hidden, attack, random_table, reason
from scripts.make_docs import table

QUESTIONS = 9
ALIKE = 20  # questions that are asked at once, where each is a draw of its own
SURVEYS = 1_000
ATTACKED = 3_000
REASONED = 300
LEAST = 10  # groups of fewer are not told apart by weights
SHARES = np.array([0.6, 0.4])  # of two groups in the population


@dataclass(frozen=True)
class Plan:
    """A survey to be drawn: ``again`` is the share of a wave's respondents who were in the last.

    ``slopes`` are per wave and question, in standard deviations of one answer. Without
    ``is_weighted`` the two groups are one.
    """

    waves: int
    respondents: int
    again: float
    is_weighted: bool
    slopes: tuple[float, ...] = (0.0,) * QUESTIONS

    @property
    def words(self) -> list[str]:
        """The plan as a row of a table begins."""
        weighted = "yes" if self.is_weighted else "no"
        return [f"{self.waves}", f"{self.respondents}", f"{self.again:.0%}", weighted]


FLAT = (
    Plan(2, 15, 0.0, False),
    Plan(2, 15, 1.0, False),
    *(
        Plan(waves, respondents, again, is_weighted)
        for waves, respondents in ((2, 40), (2, 100), (4, 40), (4, 300), (8, 100))
        for again, is_weighted in ((0.0, False), (0.0, True), (0.5, True), (1.0, False))
    ),
)
PLANTED = tuple(
    Plan(4, respondents, 0.3, True, (0.0,) * 5 + (slope,) * 4)
    for respondents in (50, 150, 300)
    for slope in (0.05, 0.1, 0.2)
)


def draw(rng: np.random.Generator, plan: Plan) -> Responses:
    """Draw a survey."""
    people = np.arange(plan.respondents)
    lean, side = np.array([]), np.array([], dtype=np.int64)
    waves = []
    for number in range(plan.waves):
        # From first to last wave the second group's part of the answers grows by half.
        part = SHARES[1] * (1 + 0.5 * number / max(plan.waves - 1, 1)) if plan.is_weighted else 0
        newcomers = int(people.max()) + 1 - len(lean)
        lean = np.append(lean, rng.normal(0, np.sqrt(0.5), newcomers))
        side = np.append(side, (rng.uniform(size=newcomers) < part).astype(np.int64))
        scores = _scores(rng, lean[people] + side[people], number, np.array(plan.slopes))
        waves.append(_wave(number, people, scores, side[people], plan.is_weighted))
        people = _next(rng, people, len(lean), plan.again)
    return Responses(_questions(len(plan.slopes)), ("",), tuple(waves), ())


def _questions(size: int) -> pd.DataFrame:
    return pd.DataFrame({"kind": "agreement", "scale_min": 1.0, "scale_max": 5.0}, range(size))


def _scores(rng: np.random.Generator, lean: Floats, number: int, slopes: Floats) -> Floats:
    meant = 2.6 + lean[:, None] + number * slopes
    meant = meant + rng.normal(0, np.sqrt(0.5), meant.shape)
    scores: Floats = np.clip(np.round(meant), 1, 5)
    scores[rng.uniform(size=scores.shape) < 0.05] = np.nan
    return scores


def _wave(
    number: int, people: np.ndarray, scores: Floats, side: np.ndarray, is_weighted: bool
) -> Wave:
    is_enough = is_weighted and np.bincount(side, minlength=2).min() >= LEAST
    margins = [Margin("side", side, SHARES)] if is_enough else []
    weights = rake(len(people), margins)
    listed = np.ones((scores.shape[1], 1), dtype=bool)
    return Wave(
        on=pd.Timestamp(2010 + number, 10, 1),
        people=people,
        scores=scores,
        segments=np.zeros(len(people), dtype=np.int64),
        is_listed=listed,
        hidden=~listed,
        weights=weights or Weights(np.ones(len(people))),
    )


def _next(rng: np.random.Generator, people: np.ndarray, known: int, again: float) -> np.ndarray:
    stay = rng.choice(people, round(again * len(people)), replace=False)
    return np.sort(np.append(stay, known + np.arange(len(people) - len(stay))))


def measured(responses: Responses) -> dict[str, np.ndarray]:
    """Return a survey's figures: waves by questions."""
    estimates = estimate(responses)
    dates = pd.DatetimeIndex([wave.on for wave in responses.waves])
    found = figures(estimates, np.ones(estimates.n.shape, dtype=bool), dates)
    return {name: array[:, :, 0] for name, array in found.items()}


# -- flat and planted --------------------------------------------------------------------------


def calls(plan: Plan, surveys: int, seed: int) -> pd.DataFrame:
    """Draw surveys and say, one row each, what was called in the last wave.

    Returns
    -------
    pd.DataFrame
        ``trends`` and ``changes`` of flat questions called, ``found`` trends of the others called
        with their sign, and ``called`` trends in all.
    """
    is_flat = np.array(plan.slopes) == 0
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(surveys):
        found = {name: array[-1] for name, array in measured(draw(rng, plan)).items()}
        trend = found["trend_q"] <= SIGNIFICANT
        right = trend & (np.sign(found["trend_per_year"]) == np.sign(plan.slopes))
        change = found["change_q"] <= SIGNIFICANT
        rows.append(
            {
                "trends": (trend & is_flat).sum(),
                "changes": (change & is_flat).sum(),
                "found": (right & ~is_flat).sum(),
                "called": trend.sum(),
            }
        )
    return pd.DataFrame(rows)


def _flat_table() -> str:
    header = ["waves", "respondents", "come again", "weighted", "a trend called", "a change called"]
    rows = []
    for seed, plan in enumerate(FLAT):
        found = calls(plan, SURVEYS, seed)
        trends, changes = (found[["trends", "changes"]] > 0).mean()
        rows.append([*plan.words, f"{trends:.1%}", f"{changes:.1%}"])
    return table(header, rows)


def _planted_table() -> str:
    header = ["respondents", "planted, SD a wave", "trends found", "flat among those called"]
    rows = []
    for seed, plan in enumerate(PLANTED):
        found = calls(plan, SURVEYS // 2, 100 + seed)
        slope, planted = max(plan.slopes), sum(slope > 0 for slope in plan.slopes)
        share = (found["trends"] / found["called"].clip(lower=1)).mean()
        power = found["found"].sum() / (planted * len(found))
        rows.append([f"{plan.respondents}", f"{slope}", f"{power:.0%}", f"{share:.1%}"])
    return table(header, rows)


# -- intervals ---------------------------------------------------------------------------------


def coverage(respondents: int, is_weighted: bool, lean: float, draws: int, seed: int) -> Floats:
    """Return how often the intervals of mean and top-two share hold the population's.

    ``lean`` moves all answers up: at 2, most give the highest. Where answers are weighted, half of
    them come from the second group.
    """
    rng = np.random.default_rng(seed)
    mean, top = _truth(np.random.default_rng(0), is_weighted, lean)
    held = []
    for _ in range(draws // ALIKE):
        side = (rng.uniform(size=respondents) < 0.5 * is_weighted).astype(np.int64)
        scores = _scores_of(rng, side, lean, ALIKE)
        wave = _wave(0, np.arange(respondents), scores, side, is_weighted)
        found = measured(Responses(_questions(ALIKE), ("",), (wave,), ()))
        for true, name in ((mean, "mean"), (top, "top_two")):
            held.append(((found[f"{name}_low"] <= true) & (true <= found[f"{name}_high"])).ravel())
    return np.array([np.concatenate(held[first::2]).mean() for first in (0, 1)])


def _scores_of(rng: np.random.Generator, side: np.ndarray, lean: float, questions: int) -> Floats:
    meant = 2.6 + lean + side[:, None] + rng.normal(0, 1, (len(side), questions))
    return np.asarray(np.clip(np.round(meant), 1, 5))


def _truth(rng: np.random.Generator, is_weighted: bool, lean: float) -> tuple[float, float]:
    sides = rng.choice(2, 2_000_000, p=SHARES) if is_weighted else np.zeros(2_000_000, dtype=int)
    scores = _scores_of(rng, sides, lean, 1)
    return float(scores.mean()), float((scores >= 4).mean())


def _coverage_table() -> str:
    header = ["respondents", "weighted", "share in the top two", "mean held", "top two held"]
    rows = []
    sizes = [*((n, False) for n in (10, 30, 100, 300)), *((n, True) for n in (40, 100, 300))]
    settings = [(*size, lean) for size in sizes for lean in (0.4, 2.0)]
    for seed, (respondents, is_weighted, lean) in enumerate(settings):
        mean, top = coverage(respondents, is_weighted, lean, 4_000, 200 + seed)
        true = _truth(np.random.default_rng(0), is_weighted, lean)[1]
        weighted = "yes" if is_weighted else "no"
        rows.append([f"{respondents}", weighted, f"{true:.0%}", f"{mean:.1%}", f"{top:.1%}"])
    return table(header, rows)


# -- suppression -------------------------------------------------------------------------------


def attacks(least: int, tables: int, seed: int) -> Iterator[tuple[bool, float]]:
    """Attack random tables; yield for each hidden count whether it held, and how wide it is."""
    rng = np.random.default_rng(seed)
    for _ in range(tables):
        for found in attack(random_table(rng), least):
            yield found.is_protected(least), found.high - found.low


def _attack_table() -> str:
    header = [
        "`min_respondents`",
        "tables",
        "hidden counts",
        "bounded within the range",
        "narrowest",
    ]
    rows = []
    for seed, least in enumerate((5, 10, 20)):
        found = list(attacks(least, ATTACKED // 3, 300 + seed))
        bounded = sum(not is_protected for is_protected, _ in found)
        narrowest = min(width for _, width in found)
        tables = f"{ATTACKED // 3:,}"
        rows.append([f"{least}", tables, f"{len(found):,}", f"{bounded}", f"{narrowest:.0f}"])
    return table(header, rows)


def reasoned(least: int, tables: int, seed: int) -> tuple[list[Hidden], float]:
    """Reason about the rule on one-question tables that hide two or three groups of few.

    Returns
    -------
    tuple
        The hidden counts, and the share of them that still keeps what is promised.
    """
    rng = np.random.default_rng(seed)
    found: list[Hidden] = []
    while tables:
        groups = 1 + rng.poisson(rng.choice([5, 8, 12, 25], size=rng.integers(2, 6)))
        hidden = hide(groups[None, :], groups, least)
        small = hidden.sum() in (2, 3) and groups[hidden[0]].sum() <= 45
        if small and may_be_listed(hidden, groups, least):
            found += reason(groups, least)
            tables -= 1
    return found, float(np.mean([each.is_protected(least) for each in found]))


def _reasoned_words() -> str:
    found, kept = reasoned(10, REASONED, 400)
    widths = np.array([each.high - each.low for each in found])
    return (
        "Beyond what is promised: who tries every division of two or three hidden groups and keeps "
        f"those for which the rule would have hidden just these ({REASONED} tables, "
        f"`min_respondents` 10, {len(found):,} hidden counts) finds {kept:.0%} of the counts "
        f"still in the promised range; {(widths >= 10).mean():.0%} in one of 10 or more, "
        f"{(widths <= 2).mean():.1%} in one of 2 or less."
    )


def main() -> str:
    """Run all four and return their tables."""
    return "\n\n".join(
        [
            f"Flat questions: share of {SURVEYS:,} surveys of {QUESTIONS} questions in which any "
            f"is called (q ≤ {SIGNIFICANT}).",
            _flat_table(),
            f"Four of nine questions move, over four waves; {SURVEYS // 2} surveys each.",
            _planted_table(),
            "95% intervals, 4,000 means each.",
            _coverage_table(),
            "Hidden counts under attack by linear programs.",
            _attack_table(),
            _reasoned_words(),
        ]
    )
