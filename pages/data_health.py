"""Data health: whether this can be trusted."""

from pppdash.ui import show
from pppdash.ui.frame import open_page
from pppdash.views import figures, sentences, tables

with open_page("Data health") as page:
    source, build = page.data, page.build
    entities, problems = source.row_counts(), source.listing("problems")
    show.headline(page, sentences.data_health(entities))
    show.note(sentences.WHOLE_CITY)
    show.tiles(figures.health_tiles(entities, build))

    show.table(page, tables.sources(entities), height=620)
    show.note(sentences.untold(entities, build.min_respondents))
    if len(problems):
        show.table(page, tables.problems(problems))
        show.note(sentences.left_out(entities, problems))
    else:
        show.note("No row was rejected and there is no warning.")
    show.table(page, tables.metrics())
    show.table(page, tables.dictionary(source.listing("dictionary")))
