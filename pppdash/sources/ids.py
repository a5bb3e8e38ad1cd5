"""Millions of ids and where each of them stands, in a tenth of what a dict would take."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd


class _Run(NamedTuple):
    """Hashes in order, and the place of each one's text among all texts."""

    hashes: np.ndarray
    places: np.ndarray


class Ids:
    """Texts and a number for each, to be found again.

    A text is looked for by its hash and then compared, so that two texts of one hash are never
    taken for each other. The hashes stand in a few sorted runs, each at least twice as long as the
    next one, so that adding a chunk seldom moves them all.
    """

    def __init__(self) -> None:
        self._texts = pd.Series([], dtype="str")
        self._numbers = np.array([], dtype="int64")
        self._runs: list[_Run] = []

    def add(self, texts: pd.Series, numbers: np.ndarray) -> None:
        """Add texts that are not among these yet, each with its number."""
        hashes = _hash(texts)
        order = np.argsort(hashes, kind="stable")
        self._runs.append(_Run(hashes[order], order + len(self._texts)))
        while len(self._runs) > 1 and len(self._runs[-2].hashes) < 2 * len(self._runs[-1].hashes):
            self._runs[-2:] = [_merge(*self._runs[-2:])]
        self._texts = pd.concat([self._texts, texts], ignore_index=True)
        self._numbers = np.concatenate([self._numbers, numbers])

    def find(self, texts: pd.Series) -> pd.Series:
        """Return the number of each text, missing where it is not among these."""
        hashes = _hash(texts)
        order = np.argsort(hashes)  # looking for them in order is several times as fast
        places = np.full(len(texts), -1)
        for run in self._runs:
            self._look_in(run, hashes, texts, order, places)
        numbers = pd.Series(pd.NA, index=texts.index, dtype="Int64")
        is_there = places >= 0
        numbers[is_there] = self._numbers[places[is_there]]
        return numbers

    def _look_in(
        self,
        run: _Run,
        hashes: np.ndarray,
        texts: pd.Series,
        asked: np.ndarray,
        places: np.ndarray,
    ) -> None:
        """Write the places of the texts ``asked`` for that are in one run into ``places``."""
        at = np.searchsorted(run.hashes, hashes[asked])
        while len(asked):
            is_alike = at < len(run.hashes)
            is_alike[is_alike] = run.hashes[at[is_alike]] == hashes[asked[is_alike]]
            asked, at = asked[is_alike], at[is_alike]
            candidates = run.places[at]
            same = np.asarray(self._texts.array[candidates] == texts.array[asked], dtype=bool)
            places[asked[same]] = candidates[same]
            asked, at = asked[~same], at[~same] + 1  # another text of the same hash may follow


def _merge(first: _Run, second: _Run) -> _Run:
    hashes = np.concatenate([first.hashes, second.hashes])
    order = np.argsort(hashes, kind="stable")  # which makes use of what is in order already
    return _Run(hashes[order], np.concatenate([first.places, second.places])[order])


def _hash(texts: pd.Series) -> np.ndarray:
    hashes = pd.util.hash_pandas_object(texts, index=False, categorize=False)
    return np.asarray(hashes, dtype="uint64")
