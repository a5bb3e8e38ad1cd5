"""Themes of comments: in their own words, few hidden, nothing too long or too foreign."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pppdash.analysis.themes import NO_THEME, ONE_THEME, QUOTED_CHARS, Themes, find_themes

TRAINING = "The training was useful and the training room was full"
RADIO = "Radio coverage in our basement garage fails"


def _comments(*texts: str, wave: str = "2015-10-01", first: int = 0) -> pd.DataFrame:
    people = [f"R{first + number}" for number in range(len(texts))]
    day = pd.Timestamp(wave).as_unit("us")
    return pd.DataFrame({"wave": day, "respondent_id": people, "comment": pd.array(texts, "str")})


def _count(found: Themes, word: str) -> pd.Series:
    return found.counts[found.counts["theme"].str.contains(word)].iloc[0]


def test_themes_are_named_by_their_words_and_counted_by_wave():
    found = find_themes(
        pd.concat(
            [
                _comments(*[TRAINING] * 20, *[RADIO] * 30),
                _comments(*[TRAINING] * 40, *[RADIO] * 15, wave="2016-10-01", first=100),
            ]
        ),
        10,
    )
    assert len(found.names) == 2
    counts = found.counts.set_index(["wave", "theme"])["n"].unstack("theme")
    training = next(name for name in found.names if "training" in name)
    assert counts[training].tolist() == [20, 40]
    shares = found.counts.groupby("wave")["share"].sum()
    np.testing.assert_allclose(shares, 1)
    assert set(found.quotes["comment"]) == {TRAINING, RADIO}


def test_a_theme_of_few_is_hidden_with_its_words():
    found = find_themes(
        pd.concat(
            [
                _comments(*[TRAINING] * 30, *[RADIO] * 30),
                _comments(*[TRAINING] * 40, *[RADIO] * 4, wave="2016-10-01", first=100),
            ]
        ),
        10,
    )
    last = found.counts[found.counts["wave"] == "2016-10-01"]
    assert last["suppressed"].all()  # of two themes neither can be shown beside the other
    assert last[["n", "share"]].isna().all(axis=None)
    assert set(found.quotes["wave"]) == {pd.Timestamp("2015-10-01")}


def test_a_word_that_few_used_names_no_theme():
    texts = [f"{TRAINING} with Quillfeather" for _ in range(9)] + [TRAINING] * 11 + [RADIO] * 20
    assert "quillfeather" not in " ".join(find_themes(_comments(*texts), 10).names)


def test_one_who_writes_a_word_in_every_wave_is_one():
    waves = [
        _comments("Quillfeather again", *[TRAINING] * 20, *[RADIO] * 20, wave=f"{year}-10-01")
        for year in range(2000, 2012)
    ]
    assert "quillfeather" not in " ".join(find_themes(pd.concat(waves), 10).names)


def test_few_comments_are_not_told_apart():
    found = find_themes(_comments(TRAINING, RADIO, "Fine"), 10)
    assert found.quotes.empty
    assert found.counts.empty or found.counts["suppressed"].all()
    assert found.remarks == ("Too few comments share words for themes to be told apart.",)


def test_enough_comments_without_themes_are_quoted_together():
    texts = [f"word{number}" for number in range(20)]
    found = find_themes(_comments(*texts), 10)
    assert found.names == (ONE_THEME,)
    assert found.counts["n"].tolist() == [20]
    assert len(found.quotes) == 20


def test_no_comments_are_no_themes():
    nothing = _comments()
    found = find_themes(nothing, 10)
    assert (found.names, found.remarks) == ((), ())
    assert found.counts.empty and found.quotes.empty
    assert find_themes(_comments("", "  "), 10).counts.empty


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("обучение было полезным", "рация не работает", ["было", "обучение", "полезным"]),
        ("प्रशिक्षण उपयोगी था", "रेडियो काम नहीं", ["उपयोगी", "था", "प्रशिक्षण"]),
        ("التدريب كان مفيدا", "الراديو لا يعمل", ["التدريب", "كان", "مفيدا"]),
        ("培训有用", "没有信号", ["培训", "有用", "训有"]),
        ("การ", "วิทยุ", ["กา", "าร"]),
        ("😀😀 bravo", "🚒🚒 late", ["bravo", "😀😀"]),
    ],
)
def test_other_alphabets(one: str, other: str, words: list[str]):
    found = find_themes(_comments(*[one] * 20, *[other] * 20), 10)
    assert ", ".join(words) in found.names
    assert found.counts["n"].tolist() == [20, 20]


def test_a_comment_of_a_megabyte_is_read_in_part():
    texts = [TRAINING] * 20 + [RADIO] * 19 + ["radio coverage " * 70_000]
    found = find_themes(_comments(*texts), 10)
    assert "Of very long comments the first 5,000 characters are read." in found.remarks
    assert found.quotes["comment"].str.len().max() == QUOTED_CHARS + 1


def test_what_was_masked_is_no_word():
    texts = [f"{TRAINING} [removed]"] * 20 + [f"{RADIO} [removed]"] * 30
    assert "removed" not in " ".join(find_themes(_comments(*texts), 10).names)


def test_comments_without_common_words_are_other_words():
    texts = [TRAINING] * 30 + [RADIO] * 30 + [f"unlike{number}" for number in range(12)]
    found = find_themes(_comments(*texts), 10)
    assert _count(found, NO_THEME)["n"] == 12
    assert found.names[-1] == NO_THEME
