"""The partners' survey: who was asked, who answered, and what they said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pppdash.sample.accounts import Accounts, day
from pppdash.sample.draws import (
    NONE,
    Bools,
    Floats,
    Ints,
    choose,
    happens,
    pick,
    stream,
    table,
)
from pppdash.sample.places import Places
from pppdash.sample.recipe import BANDS, Question, Recipe, Survey


@dataclass(frozen=True)
class WaveAnswers:
    """One wave; ``scores`` is respondents by questions, ``NONE`` where left out.

    ``comment_theme`` and ``comment_sentences`` hold, per respondent, the comment's theme (``NONE``:
    no comment) and its two sentences (the second ``NONE`` where there is one).
    """

    code: int
    invited: int
    population: Ints
    target: Ints
    scores: Ints
    comment_theme: Ints
    comment_sentences: Ints


def make_survey(
    recipe: Recipe, places: Places, accounts: Accounts, seed: int
) -> Iterator[WaveAnswers]:
    """Make the answers, wave after wave; respondents keep their bent and come again."""
    part = recipe.survey
    bent = part.bent_spread * stream(seed, "bent").standard_normal(places.targets)
    again = np.exp(part.again_spread * stream(seed, "again").standard_normal(places.targets))
    for code, wave in enumerate(part.waves):
        partners = accounts.target[accounts.active_on(day(wave.wave))]
        asked, target = _respondents(part, places, partners, again, code, seed)
        lean = bent[target] + table(part.band_shift, BANDS)[places.band[target]]
        scores = _scores(part, lean, code, seed)
        theme, sentences = _comments(part, scores, code, seed)
        yield WaveAnswers(
            code=code,
            invited=asked,
            population=np.bincount(places.band[partners], minlength=len(BANDS)),
            target=target,
            scores=scores,
            comment_theme=theme,
            comment_sentences=sentences,
        )


def _respondents(
    part: Survey, places: Places, partners: Ints, again: Floats, code: int, seed: int
) -> tuple[int, Ints]:
    """Return how many partners were asked, and which of them answered, in order of target."""
    wave = part.waves[code]
    rng = stream(seed, f"asked {wave.wave}")
    asked = rng.permutation(np.sort(partners))[: part.most_invited]
    odds = again[asked] * table(part.response_odds, BANDS)[places.band[asked]]
    answered = choose(rng, odds, round(wave.response * len(asked)))
    return len(asked), np.sort(asked[answered])


def _scores(part: Survey, lean: Floats, code: int, seed: int) -> Ints:
    """Return every respondent's answer to every question."""
    wave = part.waves[code].wave
    columns = [
        _answers(question, lean, code, part, stream(seed, f"{question.question_id} {wave}"))
        for question in part.questions
    ]
    return np.stack(columns, axis=1) if columns else np.empty((len(lean), 0), dtype=np.int64)


def _answers(
    question: Question, lean: Floats, code: int, part: Survey, rng: np.random.Generator
) -> Ints:
    noise = question.spread * rng.standard_normal(len(lean))
    low, high = question.scale
    # a bent weighs as much on a scale of eleven points as on one of five, in parts of its spread
    meant = question.mean + question.change * code + question.spread * lean + noise
    scores = np.clip(np.round(meant), low, high).astype(np.int64)
    scores[happens(rng, part.item_missing, len(lean))] = NONE
    return scores


def _comments(part: Survey, scores: Ints, code: int, seed: int) -> tuple[Ints, Ints]:
    """Return each respondent's theme and sentences; a comment stands beside an answer."""
    rng = stream(seed, f"comments {part.waves[code].wave}")
    size, themes = len(scores), part.comments.themes
    column = [question.question_id for question in part.questions].index(part.comments.question_id)
    theme = pick(rng, [one.weights[code] for one in themes], size)
    lengths = np.array([len(one.sentences) for one in themes])[theme]
    first = np.floor(rng.random(size) * lengths).astype(np.int64)
    second = np.floor(rng.random(size) * lengths).astype(np.int64)
    second[_is_silent(rng, first, second)] = NONE
    theme[~happens(rng, part.comments.share, size) | (scores[:, column] == NONE)] = NONE
    return theme, np.stack([first, second], axis=1)


def _is_silent(rng: np.random.Generator, first: Ints, second: Ints) -> Bools:
    """Return who stops after one sentence: half of them, and whoever would repeat it."""
    repeats: Bools = first == second
    return happens(rng, 0.5, len(first)) | repeats
