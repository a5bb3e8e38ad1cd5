"""What a download holds: its numbers, where they come from, and nothing that runs."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pandas as pd
import pytest

from pppdash.metrics.filters import Filters
from pppdash.ui import downloads
from pppdash.ui.data import current_source
from pppdash.ui.frame import Page
from pppdash.views.parts import Column, TableView
from pppdash.views.theme import LIGHT

pytestmark = pytest.mark.filterwarnings("ignore:.*ScriptRunContext")


@pytest.fixture
def page(monkeypatch, sample_city):
    monkeypatch.setenv("PPPDASH_CITY", str(sample_city))
    source = current_source()
    filters = Filters(source.build.as_of, "community_area", ("8",), ("Energy",))
    return Page("Coverage map", source, filters, LIGHT)


VIEW = TableView(
    pd.DataFrame({
        "id": ["=1+1", "+2", "-3", "@x", "\tx", "\rx", "plain", "a=b"],
        "name": ["x"] * 8,
        "number": [-1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        "hidden": ["secret"] * 8,
    }),
    (Column("name", "Name"), Column("number", "Number", "number")),
    "things",
    "Things",
    exported=("id",),
)  # fmt: skip


def rows_of(page):
    text = downloads.as_csv(page, VIEW).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_texts_that_a_spreadsheet_would_run_are_quoted_and_numbers_stay_numbers(page):
    rows = rows_of(page)
    ids = [row["id"] for row in rows]
    assert ids == ["'=1+1", "'+2", "'-3", "'@x", "'\tx", "'\rx", "plain", "a=b"]
    assert rows[0]["number"] == "-1.5"


def test_a_download_says_where_it_comes_from(page):
    row = rows_of(page)[0]
    assert row["as_of"] == "2017-03-31"
    assert row["build_id"] == page.build.build_id
    assert row["filters"] == "area=8; sector=Energy"
    assert "accounts" in row["synthetic"].split()
    assert "hidden" not in row


def test_its_name_says_so_too(page):
    name = downloads.file_name(page, VIEW)
    build = page.build.build_id[:6]
    assert name == f"Chicago_things_2017-03-31_{build}_filtered_synthetic.csv"


def test_a_table_that_follows_no_filter_does_not_claim_any(page):
    survey = replace(VIEW, applied="date")
    assert downloads.filter_text(page, survey) == "do not apply"
    assert "filtered" not in downloads.file_name(page, survey)
    assert "2017-03-31" in downloads.file_name(page, survey)
    health = replace(VIEW, applied="nothing")
    assert "2017-03-31" not in downloads.file_name(page, health)
    assert 'as_of"' in downloads.as_csv(page, health).decode()


def test_what_was_chosen_on_the_page_is_named(page):
    cut = replace(VIEW, cut="only area=32")
    assert downloads.filter_text(page, cut) == "area=8; sector=Energy; only area=32"
    everywhere = replace(page, filters=Filters(page.build.as_of, "community_area"))
    assert downloads.filter_text(everywhere, cut) == "only area=32"
    assert "filtered" in downloads.file_name(everywhere, cut)


def test_every_table_of_the_sample_can_be_downloaded(page):
    from pppdash.views import gaps, openings, tables

    filters = page.filters
    by_area = page.data.gaps(("sector", filters.layer), filters)
    views = [
        tables.areas(page.data.areas(filters), "Area", 10),
        tables.buildings(
            page.data.listing(
                "list_buildings", **filters.params(), status=None, first=None, limit=9_999, offset=0
            ),
            "Area",
            page.sizes,
            99,
            tables.ANY_STATE,
        ),
        tables.targets(page.data.listing("targets", **filters.params()), "Area", page.sizes),
        gaps.ranked(by_area.cells, gaps.split(gaps.AREA, "Area", page.sizes), page.build),
        gaps.compared(by_area.cells, gaps.SECTORS),
        openings.bridge(
            by_area.cells, page.data.members_not_enrolled(filters), page.build, None, ""
        ),
        openings.quiet(
            page.data.dormant_accounts(filters), "Area", page.sizes, page.build, None, ""
        ),
        tables.sources(page.data.listing("entities")),
        tables.problems(page.data.listing("problems")),
        tables.dictionary(page.data.listing("dictionary")),
        tables.metrics(),
    ]
    for view in views:
        text = downloads.as_csv(page, view).decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline="")))
        assert lines[0][-4:] == ["as_of", "build_id", "filters", "synthetic"]
        assert len(lines) == len(view.frame) + 1
