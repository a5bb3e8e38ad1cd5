"""What comments are about, in their own words, and how many spoke of it wave by wave.

Themes are non-negative factors of the comments' TF-IDF (Lee & Seung 1999, scikit-learn's ``NMF``).
A respondent of a wave has one theme, so that the themes of a wave add up to who commented, and few
are hidden as elsewhere (:mod:`pppdash.analysis.suppression`).
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer

from pppdash.analysis.raking import Codes, Floats
from pppdash.analysis.suppression import hide, may_be_listed

MOST_THEMES = 6
COMMON_TO = 0.7  # a word that more respondents used tells no theme, in whatever language
READ_CHARS = 5_000
QUOTED_CHARS = 600
NO_THEME = "other words"
ONE_THEME = "all comments"
COUNT_COLUMNS = ["theme", "wave", "n", "share", "suppressed"]
QUOTE_COLUMNS = ["theme", "wave", "comment"]

_MASKED = "[removed]"  # what stands where an address was; no word of the respondent's
# Neither spaces nor marks: of ASCII and Latin 1, general, of Chinese and Japanese, full width.
_WORD = re.compile(
    r"[^\s!-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u205e\u3001-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40"
    r"\uff5b-\uff65]{2,}"
)
# Thai, Lao, Burmese, Khmer, kana and Han are written without spaces: two letters stand for a word.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{2,}")


@dataclass(frozen=True)
class Themes:
    """Themes of comments, fit to be published as they stand.

    Attributes
    ----------
    names
        Each theme's name: its three strongest words, of those that at least ``min_respondents``
        respondents used; `NO_THEME` for comments without any of these, `ONE_THEME` where there are
        too few comments for themes.
    counts
        One row a theme and wave (`COUNT_COLUMNS`): ``n`` (Int64) respondents whose comments are
        mostly of it, and their ``share`` of the wave's commenters; missing where ``suppressed``.
    quotes
        Comments of themes and waves that are not suppressed (`QUOTE_COLUMNS`), `QUOTED_CHARS`
        characters at most.
    remarks
        Sentences: what could not be done.
    """

    names: tuple[str, ...]
    counts: pd.DataFrame
    quotes: pd.DataFrame
    remarks: tuple[str, ...]


def find_themes(comments: pd.DataFrame, min_respondents: int) -> Themes:
    """Find what comments are about.

    Parameters
    ----------
    comments
        One row a comment: wave, respondent_id, comment.
    min_respondents
        Themes of fewer respondents in a wave are suppressed, and with them what would give them
        away.
    """
    told = comments[comments["comment"].fillna("").str.strip() != ""]
    said = told.assign(read=told["comment"].str.slice(0, READ_CHARS))
    by_person = said.groupby(["wave", "respondent_id"], sort=True)["read"].agg("\n".join)
    spoken = by_person.reset_index()
    spoken["theme"], remarks = _themes(spoken, min_respondents)
    counts = _counts(spoken, min_respondents)
    if told["comment"].str.len().max() > READ_CHARS:
        remarks.append(f"Of very long comments the first {READ_CHARS:,} characters are read.")
    return Themes(
        names=tuple(sorted(set(spoken["theme"]), key=lambda name: (name == NO_THEME, name))),
        counts=counts,
        quotes=_quotes(told.merge(spoken, on=["wave", "respondent_id"]), counts),
        remarks=tuple(remarks),
    )


def _themes(spoken: pd.DataFrame, least: int) -> tuple[list[str], list[str]]:
    """Return each commenter's theme by name, and a sentence where there can be no themes."""
    most = min(MOST_THEMES, _per_wave(spoken) // max(least + least // 2, 2))
    weights, words = _vectors(spoken, least)
    themes = min(most, *weights.shape)
    if themes < 2:
        remarks = ["Too few comments share words for themes to be told apart."]
        return [ONE_THEME] * len(spoken), remarks if len(spoken) else []
    model = NMF(themes, init="nndsvda", random_state=0, max_iter=500)
    # The strongest factor of a comment does not wait for the last digit; where comments are the
    # same over and over the fit is exact, and what is left of it may round to below zero.
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", ConvergenceWarning)
        loads = model.fit_transform(weights) * model.components_.sum(axis=1)
    names = [_name(row, words) for row in model.components_]
    strongest = loads.argmax(axis=1)
    return [
        names[theme] if load > 0 else NO_THEME
        for theme, load in zip(strongest, loads.max(axis=1), strict=True)
    ], []


def _name(strengths: Floats, words: np.ndarray) -> str:
    """Return the three strongest words of a theme; of equally strong ones the first."""
    relative = np.round(strengths / max(strengths.max(), 1e-12), 3)
    strongest = np.argsort(-relative, kind="stable")[:3]
    return ", ".join(words[strongest[relative[strongest] > 0.05]])


def _per_wave(spoken: pd.DataFrame) -> int:
    """Return the median number of a wave's commenters: what its themes must share."""
    return int(spoken.groupby("wave").size().median()) if len(spoken) else 0


def _vectors(spoken: pd.DataFrame, least: int) -> tuple[Floats, np.ndarray]:
    """Return commenters by words, and the words that enough respondents used, but not most."""
    used = {
        (person, word)
        for person, text in zip(spoken["respondent_id"], spoken["read"], strict=True)
        for word in set(_words(text))
    }
    people = pd.Series([word for _, word in used], dtype="str").value_counts()
    everyone = spoken["respondent_id"].nunique()
    kept = sorted(people[(people >= least) & (people <= COMMON_TO * everyone)].index)
    if not kept:
        return np.zeros((len(spoken), 0)), np.array([])
    vectorizer = TfidfVectorizer(analyzer=_words, vocabulary=kept, sublinear_tf=True)
    return vectorizer.fit_transform(spoken["read"]), np.array(kept)


def _words(text: str) -> list[str]:
    """Return the words of a text in any alphabet, common English ones left out."""
    plain = unicodedata.normalize("NFKC", text.replace(_MASKED, " ")).casefold()
    found = []
    for word in _WORD.findall(plain):
        pairs = _UNSPACED.findall(word)
        if pairs:
            found += [run[i : i + 2] for run in pairs for i in range(len(run) - 1)]
        elif word not in ENGLISH_STOP_WORDS and not word.isnumeric():
            found.append(word)
    return found


def _counts(spoken: pd.DataFrame, least: int) -> pd.DataFrame:
    """Return who spoke of which theme in which wave, few left out."""
    table = spoken.groupby(["theme", "wave"]).size().rename("n").reset_index()
    table["suppressed"] = False
    for _, rows in table.groupby("wave"):
        n: Codes = rows["n"].to_numpy(dtype=np.int64)
        hidden = hide(n[None, :], n, least)
        table.loc[rows.index, "suppressed"] = hidden[0]
        if not may_be_listed(hidden, n, least):
            table = table.drop(rows.index)
    table["share"] = table["n"] / table.groupby("wave")["n"].transform("sum")
    table["share"] = table["share"].mask(table["suppressed"])
    table["n"] = table["n"].astype("Int64").mask(table["suppressed"])
    return table[COUNT_COLUMNS]


def _quotes(told: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Return the comments that may be shown, long ones cut."""
    shown = told.merge(counts[~counts["suppressed"]], on=["theme", "wave"])
    text = shown["comment"].str.strip()
    cut = text.str.slice(0, QUOTED_CHARS) + "…"
    shown = shown.assign(comment=cut.where(text.str.len() > QUOTED_CHARS, text))
    return shown.sort_values(QUOTE_COLUMNS, ignore_index=True)[QUOTE_COLUMNS]
