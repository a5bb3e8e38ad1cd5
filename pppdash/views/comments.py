"""What partners said in words: themes with their counts by wave, and comments of large groups.

Made from :class:`pppdash.analysis.themes.Themes`, which holds only what may be published.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pppdash.analysis.themes import NO_THEME, ONE_THEME, Themes
from pppdash.views import survey_sentences, theme
from pppdash.views.parts import Column, TableView

ALL = ""
MOST_WAVES = 6
HIDDEN = "suppressed"


def finding(themes: Themes, waves: pd.DataFrame) -> str:
    """Return which theme most comments of the last wave that shows one were about."""
    if not themes.names:
        return "No wave so far has brought comments"
    shown = themes.counts[~themes.counts["suppressed"] & (themes.counts["theme"] != NO_THEME)]
    if shown.empty:
        return "Comments: too few of any one theme to be shown"
    last = shown[shown["wave"] == shown["wave"].max()]
    top = last.loc[last["share"].idxmax()]
    label = waves.set_index("wave")["label"][top["wave"]]
    if top["theme"] == ONE_THEME:
        return f"{theme.plural(top['n'], 'respondent')} commented in {label}"
    share = theme.percent(top["share"])
    return f"{share} of those who commented in {label} wrote mostly of “{top['theme']}”"


def rows(themes: Themes, waves: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return each theme's count and share by wave, for a small table; the last waves of many.

    Parameters
    ----------
    waves
        ``Survey.waves``, for what each wave is called.
    """
    counts = themes.counts
    held = sorted(counts["wave"].unique())[-MOST_WAVES:]
    labels = waves.set_index("wave")["label"].to_dict()
    cells = {(row.theme, row.wave): _cell(row) for row in counts.itertuples()}
    heads = ["Words of the theme", *(labels.get(wave, theme.month_form(wave)) for wave in held)]
    return heads, [
        [name, *(cells.get((name, wave), theme.NO_FIGURE) for wave in held)]
        for name in themes.names
    ]


def _cell(row: Any) -> str:
    return HIDDEN if row.suppressed else f"{theme.count(row.n)} ({theme.percent(row.share)})"


def table(themes: Themes, least: int) -> TableView:
    """Return the themes' counts by wave as a table; suppressed rows say so and hold no figure."""
    note = survey_sentences.notes(themes.counts["suppressed"], least)
    return TableView(
        themes.counts.assign(note=note),
        (
            Column("theme", "Words of the theme"),
            Column("wave", "Wave", "date"),
            Column("n", "Respondents", "count"),
            Column("share", "Share of the wave’s comments", "percent"),
            Column("note", "Note"),
        ),
        "survey-themes",
        "Themes of comments by wave",
        applied="date",
    )


def choices(themes: Themes) -> dict[str, str]:
    """Return the themes of which comments may be shown, all of them first."""
    return {ALL: "All themes", **{name: name for name in themes.quotes["theme"].unique()}}


def quotes(themes: Themes, name: str) -> TableView:
    """Return comments in their own words, the newest wave first; of one theme where it is named."""
    of = themes.quotes if name == ALL else themes.quotes[themes.quotes["theme"] == name]
    newest = of.sort_values("wave", ascending=False, kind="stable").reset_index(drop=True)
    return TableView(
        newest,
        (
            Column("wave", "Wave", "month"),
            Column("theme", "Theme"),
            Column("comment", "Comment", "long"),
        ),
        "survey-comments",
        f"{theme.plural(len(newest), 'comment')} of groups large enough to be shown",
        applied="date",
        cut=f"only theme={name}" if name else "",
    )


NOTE = (
    "A respondent’s comments count once, under the theme they are mostly of. Themes are named by "
    "words that enough respondents used."
)
