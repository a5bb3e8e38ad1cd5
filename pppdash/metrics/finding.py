"""Finding a building by part of its name or address, one letter wrong in a word or not."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from pppdash.metrics.compute import Queryable

MOST_FOUND = 20
MOST_NEAR = 12
MOST_WORDS = 6
SHORTEST_MISSPELLED = 4  # shorter words have too many neighbors

_WORD = re.compile(r"[^\W_]+")


def find(warehouse: Queryable, text: str) -> pd.DataFrame:
    """Return the buildings whose name or address holds every word of ``text``, or one near it.

    Parameters
    ----------
    text
        Words or parts of words, in any case, with or without accents.

    Returns
    -------
    pd.DataFrame
        ``place, building_id, name, address, x, y``; at most `MOST_FOUND` rows, none for no words.
    """
    asked = words(text)
    if not asked:
        return pd.DataFrame(columns=["place", "building_id", "name", "address", "x", "y"])
    near = warehouse.query("near_words", words=asked)
    alternatives = [_alternatives(word, near[near["word"] == word]) for word in asked]
    return warehouse.query("find_buildings", words=alternatives, limit=MOST_FOUND)


def words(text: str) -> list[str]:
    """Return the words of a text in lower case without accents, at most `MOST_WORDS`.

    Examples
    --------
    >>> words("Café  O'Hare")
    ['cafe', 'o', 'hare']
    """
    plain = unicodedata.normalize("NFKD", text.lower())
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return list(dict.fromkeys(_WORD.findall(kept)))[:MOST_WORDS]


def _alternatives(word: str, near: pd.DataFrame) -> list[str]:
    """Return the word itself where it is part of any; else the words it may have been meant."""
    if near["is_part"].any() or len(word) < SHORTEST_MISSPELLED:
        return [word]
    return [word, *near["near"].head(MOST_NEAR)]
