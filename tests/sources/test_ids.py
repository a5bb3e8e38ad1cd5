"""Ids are found where they stand, however many there are and whatever their hashes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pppdash.sources import ids as module
from pppdash.sources.ids import Ids


def texts(*values: str) -> pd.Series:
    return pd.Series(values, dtype="str")


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_every_id_is_found_where_it_was_put_and_no_other_is(chunk: int):
    names = texts(*(f"B{number}" for number in np.random.default_rng(1).permutation(1000)))
    ids = Ids()
    for start in range(0, len(names), chunk):
        part = names[start : start + chunk]
        assert ids.find(part).isna().all()
        ids.add(part, np.arange(start, start + len(part)))
    assert ids.find(names).tolist() == list(range(1000))
    assert ids.find(names.str.lower()).isna().all()


def test_texts_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_hash", lambda texts: np.full(len(texts), 7, dtype="uint64"))
    ids = Ids()
    for number, part in enumerate((texts("a", "b"), texts("c"), texts("d", "e", "f"))):
        ids.add(part, np.arange(len(part)) + 10 * number)
    found = ids.find(texts("f", "x", "a", "c", "f", "b"))
    assert found.tolist() == [22, pd.NA, 0, 10, 22, 1]


def test_answers_keep_the_index_of_what_was_asked():
    ids = Ids()
    ids.add(texts("a", "", "é"), np.array([5, 6, 7]))
    found = ids.find(pd.Series(["é", "A", ""], index=[9, 3, 4], dtype="str"))
    assert found.dropna().to_dict() == {9: 7, 4: 6}
    assert found.index.tolist() == [9, 3, 4]


def test_nothing_is_found_among_none_and_none_among_some():
    ids = Ids()
    assert ids.find(texts("a")).isna().all()
    ids.add(texts(), np.array([], dtype="int64"))
    assert ids.find(texts("a")).isna().all()
    ids.add(texts("a"), np.array([1]))
    assert ids.find(texts()).empty
