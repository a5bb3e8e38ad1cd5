"""Survey feedback: whether what partners tell us gets better."""

import streamlit as st

from pppdash.ui import controls, show, survey
from pppdash.ui.frame import open_page
from pppdash.views import answer_spread, answers, averages, measures, waves
from pppdash.views import survey_sentences as sentences

with open_page("Survey feedback") as page:
    show.needs_either(page, "survey_responses", "survey_scores")
    source, as_of, colors = page.data, page.filters.as_of, page.colors
    found, scores = source.survey(as_of), source.listing("survey_scores", as_of=as_of)
    results, spread, least = found.results, found.distributions, found.min_respondents
    when = survey.time_axis(page, found, scores)
    survey.headline(page, found, scores)

    if len(found.waves):
        show.note(sentences.FILTERS)
        left, right = st.columns([13, 8], gap="large")
        with left:
            show.chart(page, waves.respondents(found.waves, when, least, colors))
        with right:
            survey.who_answered(found)
            show.explain(page, "survey.response", "survey.suppression")
        show.note(answers.left_out(results, least))

    if len(spread):
        show.heading("Question by question", sentences.PANELS)
        measure = controls.choose(page.name, "measure", "Show", measures.MEASURES)
        show.panels(answers.trends(results, when, measure, colors, least), "question")
        show.twin(page, answers.summary_table(results, None, least))
        show.explain(page, "survey.results", "survey.net_score", "survey.trend")

        left, right = st.columns(2, gap="large")
        with left:
            whole = answer_spread.of_last_wave(spread, results, colors)
            show.chart_or_note(page, whole, answer_spread.none_shown(least))
        with right:
            show.heading("One question, one kind of group at a time")
            asked = controls.choose(page.name, "question", "Question", answers.asked(results))
            survey.groups(page, asked, measure)
            own = answer_spread.by_wave(spread, results, asked, colors)
            show.chart_or_note(page, own, answer_spread.none_shown(least))

    if len(found.waves):
        survey.comments_of(page, found)
        show.explain(page, "survey.themes")

    if len(scores):
        show.note(sentences.SCORES_FILTERS)
        show.heading("Published averages", sentences.SCORES_NOTE)
        show.panels(averages.panels(scores, page.first_layer_areas, when, colors), "average")
        show.twin(page, averages.table(scores))
        show.explain(page, "survey.published")
