"""Survey feedback: whether what partners tell us gets better."""

import streamlit as st

from pppdash.analysis.survey import moves
from pppdash.ui import controls, show
from pppdash.ui.frame import open_page
from pppdash.views import answers, coverage, sentences

with open_page("Survey feedback") as page:
    source, as_of, least = page.data, page.filters.as_of, page.build.min_respondents
    show.needs_either(page, "survey_responses", "survey_scores")
    waves = source.listing("survey_waves", as_of=as_of)
    questions = source.listing("survey_questions")
    summary = source.survey(as_of)
    scores = source.listing("survey_scores", as_of=as_of)
    show.headline(page, sentences.survey(moves(summary), waves, scores, show.first_wave(page)))

    if len(summary):
        show.note(sentences.SURVEY_FILTERS)
        show.heading("Share in the top two answers, wave by wave", sentences.asked(waves))
        show.panels(answers.trends(summary, page.colors, least))
        show.twin(page, answers.summary_table(summary, None, least))

        left, right = st.columns([1, 1], gap="large")
        with left:
            over = controls.choose(page.name, "by", "Compare", answers.SEGMENTS)
            asked = controls.choose(page.name, "question", "Question", answers.asked(summary))
            parts = coverage.Breakdown("segment", answers.SEGMENTS[over], page.sizes)
            rows = answers.last_wave(source.survey(as_of, over), asked)
            show.chart(page, answers.segments(rows, parts, page.colors, least))
        with right:
            results = source.listing("survey_results", as_of=as_of, segment="")
            spread = answers.distribution(results, questions, waves, page.colors, least)
            show.chart_or_note(page, spread, answers.too_few(least))

    if len(scores):
        show.note(sentences.SCORES_FILTERS)
        show.heading("Published averages", sentences.SCORES_NOTE)
        show.panels(answers.score_panels(scores, page.first_layer_areas, page.colors))
        show.twin(page, answers.score_table(scores))

    show.explain(page, "survey.results", "survey.net_score", "survey.trend")
    show.explain(page, "survey.suppression", "survey.themes", "survey.published")
