"""What the survey lends to pages: its time axis, its comments, its rows on the Overview."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from pppdash.analysis.survey import Survey
from pppdash.ui import controls, show
from pppdash.ui.frame import Page
from pppdash.views import answer_groups, answers, comments, markup, survey_sentences, waves
from pppdash.views.comparison import Breakdown
from pppdash.views.waves import TimeAxis

MOST_REMARKS = 4
WAVES_OF = ("survey_waves", "survey_scores")


def headline(page: Page, found: Survey, scores: pd.DataFrame) -> None:
    """Show whether answers got better and whether fewer gave them, or what else is true of it."""
    latest = answers.of_last_wave(found.results)
    said = survey_sentences.headline(latest, found.waves, scores, first_wave(page))
    show.headline(page, said)


def time_axis(page: Page, found: Survey, scores: pd.DataFrame) -> TimeAxis:
    """Return the axis of all charts over waves, with the flash points known by the date."""
    held = {wave.date() for frame in (found.waves, scores) for wave in frame["wave"]}
    as_of = page.filters.as_of
    events = page.data.listing("flash_points", as_of=as_of)
    return waves.time_axis(held, events, page.build.launched_on, as_of)


def who_answered(found: Survey) -> None:
    """Show who was asked, how answers are weighted, and what could not be done."""
    show.heading("Who was asked, and who counts")
    show.note(*survey_sentences.who(found.waves), *found.remarks[:MOST_REMARKS])
    if rest := found.remarks[MOST_REMARKS:]:
        with show.drawer(f"{len(rest)} more remarks on the answers", "remarks") as is_open:
            if is_open:
                show.note(*rest)


def groups(page: Page, question: str, measure: str) -> None:
    """Show one question by one kind of group, of those that tell respondents apart."""
    as_of, least = page.filters.as_of, page.build.min_respondents
    known = page.data.listing("survey_segments", as_of=as_of).iloc[0]
    kinds = {name: label for name, label in answers.SEGMENTS.items() if known[name] > 1}
    if not kinds:
        show.note(answer_groups.NO_KINDS)
        return
    over = controls.choose(page.name, "by", "Compare", kinds)
    parts = Breakdown("segment", kinds[over], page.sizes)
    results = page.data.survey(as_of, over).results
    view = answer_groups.groups(results, question, parts, measure, page.colors, least)
    show.chart_or_note(page, view, answer_groups.none_shown(parts, least))


def comments_of(page: Page, found: Survey) -> None:
    """Show the themes of comments by wave, and in a drawer the comments that may be shown."""
    themes = page.data.themes(page.filters.as_of)
    show.heading(comments.finding(themes, found.waves), comments.NOTE if themes.names else "")
    if themes.counts.empty:
        show.note(*themes.remarks)
        return
    heads, rows = comments.rows(themes, found.waves)
    st.html(markup.table(heads, rows, "Themes of comments", frozenset(range(1, len(heads)))))
    show.note(*themes.remarks)
    show.twin(page, comments.table(themes, found.min_respondents))
    with show.drawer("Comments in their own words", "comments") as is_open:
        if is_open:
            name = controls.choose(page.name, "theme", "Theme", comments.choices(themes))
            show.table(page, comments.quotes(themes, name), 320)


def overview_rows(page: Page) -> None:
    """Show the survey's clearest changes; else what is true of the survey at this date."""
    found = page.data.survey(page.filters.as_of)
    latest = answers.of_last_wave(found.results)
    heads, rows = answers.rows(latest, found.results)
    show.heading("What partners say", survey_sentences.compared(found.waves) if rows else "")
    if rows:
        st.html(markup.table(heads, rows, "What partners say", frozenset({1, 2})))
        show.note(survey_sentences.participation(found.waves))
    else:
        scores = page.data.listing("survey_scores", as_of=page.filters.as_of)
        show.note(survey_sentences.headline(latest, found.waves, scores, first_wave(page)))
    if not page.filters.is_whole_city:
        show.note(survey_sentences.DATE_ALONE)


def first_wave(page: Page) -> date | None:
    """Return the first wave of the survey at any date; None where none has been brought."""
    found = [page.data.listing(name, as_of=date.max)["wave"].min() for name in WAVES_OF]
    return min((wave.date() for wave in found if pd.notna(wave)), default=None)
