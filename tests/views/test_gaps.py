"""Sector gaps on the page: the sentence in every state, the figures, and who could be won."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

from pppdash.analysis.gaps import BEHIND, measure
from pppdash.metrics.filters import Filters
from pppdash.metrics.intervals import wilson
from pppdash.views import forest, gap_matrix, gap_sentences, gaps, openings, tables
from pppdash.views.sentences import NO_TARGETS
from pppdash.views.theme import LIGHT

AS_OF = date(2017, 3, 31)
WORDS = {"small": "small (< 50)", "mid-sized": "mid-sized", "large": "large", "Unknown": "unknown"}
AREAS = gaps.split(gaps.AREA, "Ward", WORDS)


class Build:
    """What of a build these views ask for."""

    dormant_after_days = 365

    def __init__(self, *entities: str, records_activity: bool = True) -> None:
        self.entities, self.records_activity = entities, records_activity

    def has(self, *names: str) -> bool:
        return set(names) <= set(self.entities)


FULL = Build("accounts", "memberships")


def measured(names, rows, goal=0.8):
    """Measure cells given as their dimensions, targets and enrolled."""
    cells = pd.DataFrame(rows, columns=[*names, "targets", "targets_enrolled"])
    n, x = cells["targets"], cells["targets_enrolled"]
    cells["coverage"] = x / n
    cells["coverage_low"], cells["coverage_high"] = wilson(x, n)
    cells["coverage_shrunken"] = cells["coverage"]
    cells["goal"], cells["shortfall"] = goal, (goal * n - x).clip(lower=0)
    cells["expected"] = n * (x.sum() / max(n.sum(), 1))
    return measure(cells, 10, "Unclassified")


def by_sector(*rows, goal=0.8):
    return measured(["sector"], rows, goal)


def by_area(*rows, goal=0.8):
    return measured(["sector", "area_id", "area_name"], rows, goal)


ENERGY = ("Energy", 400, 10)
DAMS = ("Dams", 400, 120)
CELLS = by_area(
    ("Energy", "1", "Loop", 300, 2), ("Energy", "2", "<i>Austin", 100, 15),
    ("Dams", "1", "Loop", 400, 120),
)  # fmt: skip


# -- the sentence -------------------------------------------------------------------------------


def test_one_sector_behind_and_in_how_many_areas():
    said = gap_sentences.answer(by_sector(ENERGY, DAMS), CELLS)
    assert said == (
        "Energy is behind: 2.5% of its 400 targets enrolled, of all others 30.0%. It is behind by "
        "itself in 1 of 2 areas."
    )


def test_several_sectors_behind_the_one_that_misses_most_is_named():
    sectors = by_sector(ENERGY, DAMS, ("Chemical", 900, 25), ("Communications", 200, 70))
    said = gap_sentences.answer(sectors, sectors)
    assert said.startswith("2 of 4 sectors are behind, Chemical most: 2.8% of its 900 targets")
    assert said.endswith("20.0%.")


def test_nothing_behind_names_the_largest_gap():
    even = by_sector(("Energy", 400, 40), ("Dams", 300, 30))
    cells = by_area(("Energy", "1", "Loop", 400, 40), ("Dams", "1", "Loop", 300, 30))
    assert gap_sentences.answer(even, cells) == (
        "No sector is detectably behind the rest. The largest gap: Energy in Loop, 280 still to "
        "enroll."
    )


def test_without_a_goal_no_gap_is_called_one():
    rows = (("Energy", 400, 36), ("Dams", 300, 34))
    said = gap_sentences.answer(by_sector(*rows, goal=math.nan), by_sector(*rows, goal=math.nan))
    assert said == (
        "No sector is detectably behind the rest; no goal is set. Furthest below the city's "
        "coverage: Energy, by 4."
    )
    even = by_sector(("Energy", 400, 40), ("Dams", 300, 30), goal=math.nan)
    assert gap_sentences.answer(even, even).endswith("; no goal is set.")
    half = by_sector(("Energy", 2, 0), ("Dams", 6, 2), goal=math.nan)  # half a target, written as 0
    assert gap_sentences.answer(half, half).endswith("; no goal is set.")


def test_a_goal_that_is_met():
    met = by_sector(("Energy", 400, 40), ("Dams", 300, 30), goal=0.05)
    assert (
        gap_sentences.answer(met, met)
        == "No sector is detectably behind the rest; no goal is missed."
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((), NO_TARGETS),
        (
            (("Energy", 40, 0), ("Dams", 310, 0)),
            "None of the 350 targets is enrolled yet: no sector can be told from another.",
        ),
        ((("Energy", 40, 0),), "None of the 40 targets is enrolled yet."),
        ((("Energy", 1, 0),), "The 1 target here is not enrolled yet."),
        (
            (("Energy", 40, 40), ("Dams", 310, 310)),
            "All 350 targets here are enrolled: there is no gap.",
        ),
        ((("Energy", 1, 1),), "The 1 target here is enrolled: there is no gap."),
        (
            (("Energy", 40, 4),),
            "Energy: 4 of 40 targets enrolled; the city's coverage would have 4.",
        ),
        (
            (("Unclassified", 40, 4),),
            "10% of these targets are enrolled; none of them says its sector.",
        ),
        (
            (("Energy", 5, 0), ("Dams", 6, 1)),
            "There are too few targets or enrollments here to tell any sector from the rest. The "
            "largest gap: Energy, 4 still to enroll.",
        ),
    ],
)
def test_the_sentence_in_every_other_state(rows, said):
    found = by_sector(*rows)
    assert gap_sentences.answer(found, found) == said


def test_one_sector_alone_is_held_against_the_city_and_its_areas_against_each_other():
    alone = by_sector(("Energy", 400, 40))
    wide = by_area(("Energy", "1", "Loop", 300, 10), ("Energy", "2", "Austin", 100, 30))
    said = gap_sentences.answer(alone, wide)
    assert said == (
        "Energy: 40 of 400 targets enrolled; the city's coverage would have 40. 1 of 2 "
        "areas with targets enough to tell is behind the others, Loop most."
    )
    even = by_area(("Energy", "1", "Loop", 300, 30), ("Energy", "2", "Austin", 100, 10))
    assert gap_sentences.answer(alone, even).endswith(
        "No area of it is detectably behind the others."
    )
    few = by_area(("Energy", "1", "Loop", 3, 0), ("Energy", "2", "Austin", 4, 1))
    assert gap_sentences.answer(alone, few).endswith(
        "Its areas hold too few targets to be told apart."
    )


def test_what_nobody_has_classified_is_never_named():
    even = by_sector(("Unclassified", 900, 90), ("Energy", 400, 40), ("Dams", 300, 30))
    assert "The largest gap: Energy, 280" in gap_sentences.answer(even, even)
    found = by_sector(("Unclassified", 400, 0), ENERGY, DAMS)
    assert "Unclassified" not in gap_sentences.answer(found, found)
    chart = forest.forest(found, gaps.SECTORS, LIGHT)
    assert chart.title == "Behind the rest: Energy"
    assert "Unclassified" in chart.alt


def test_areas_that_cannot_tell_are_not_counted():
    few = by_area(
        ("Energy", "1", "Loop", 300, 2), ("Energy", "2", "Austin", 5, 0),
        ("Dams", "1", "Loop", 400, 120),
    )  # fmt: skip
    said = gap_sentences.answer(by_sector(("Energy", 305, 2), DAMS), few)
    assert said.endswith("It is behind by itself in 1 of 1 area with targets enough to tell.")


def test_filters_are_explained_where_there_are_any():
    assert gap_sentences.followed(Filters(AS_OF)) == ""
    assert "rest of what is selected" in gap_sentences.followed(Filters(AS_OF, sectors=("Energy",)))


def test_small_and_mid_sized_firms_together():
    sizes = measured(["size_band"], [("small", 300, 9), ("mid-sized", 100, 11), ("large", 50, 20)])
    said = gap_sentences.smaller_firms(sizes, WORDS)
    assert said == "Small and mid-sized firms together: 20 of 400 enrolled, 5.0%; of large ones 40%"
    for rows in ([("large", 50, 20)], [("small", 300, 9), ("large", 50, 20)]):
        assert gap_sentences.smaller_firms(measured(["size_band"], rows), WORDS) == ""


# -- the figures --------------------------------------------------------------------------------


def test_the_forest_tells_verdicts_apart_by_shape_and_word():
    found = by_sector(ENERGY, DAMS, ("Chemical", 4, 0))
    chart = forest.forest(found, gaps.SECTORS, LIGHT)
    symbols = {t["marker"]["symbol"] for t in chart.figure.to_dict()["data"] if "marker" in t}
    assert symbols == {"triangle-down", "triangle-up", "circle-open"}
    assert any("<b>behind</b>" in note.text for note in chart.figure.layout.annotations)
    assert "dotted: too little data" in chart.subtitle
    assert chart.footnote == "At the left edge: none enrolled"
    assert "Energy 0.08 times the rest" in chart.alt
    assert chart.figure.layout.xaxis.type == "log"
    assert "the rest" in chart.figure.layout.xaxis.ticktext
    assert len(chart.table.download()) == 3


def test_a_ratio_without_an_upper_end_is_drawn_to_the_edge():
    chart = forest.forest(by_sector(("Energy", 60, 40), ("Dams", 60, 0)), gaps.SECTORS, LIGHT)
    edge = 10 ** chart.figure.layout.xaxis.range[1]
    drawn = [x for trace in chart.figure.data for x in trace.x if x is not None]
    assert max(drawn) == pytest.approx(edge)
    assert (
        "At the left edge: none enrolled; at the right edge: nobody of the rest" in chart.footnote
    )
    assert "Energy nobody of the rest is enrolled, ahead" in chart.alt


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ((), NO_TARGETS),
        ((ENERGY,), "Every target here is of one sector, Energy: there is no rest to compare"),
        ((("Unclassified", 40, 4),), "No target here says its sector"),
        ((("Energy", 40, 0), ("Dams", 9, 0)), "Nobody here is enrolled"),
        ((("Energy", 40, 40), ("Dams", 9, 9)), "Everybody here is enrolled"),
    ],
)
def test_there_is_no_forest_without_a_rest(rows, why):
    found = by_sector(*rows)
    assert forest.forest(found, gaps.SECTORS, LIGHT) is None
    assert gap_sentences.no_rest(found, gaps.SECTORS).startswith(why)


def test_sizes_keep_their_order():
    sizes = measured(["size_band"], [("large", 50, 20), ("small", 300, 9), ("Unknown", 60, 5)])
    chart = forest.forest(sizes, gaps.sizes(WORDS), LIGHT, "beneath")
    assert list(chart.figure.layout.yaxis.ticktext) == ["unknown", "large", "small (&lt; 50)"]
    assert chart.title == "Behind the rest: small (< 50)"
    assert chart.footnote == "beneath"


def test_matrix_cells_carry_what_they_select():
    chart = gap_matrix.matrix(CELLS.cells, AREAS, FULL, LIGHT)
    marks = chart.figure.data[2]
    assert sorted(key for (key,) in marks.customdata) == ["Dams~1", "Energy~1", "Energy~2"]
    assert chart.title == "Half of what is missing lies in 2 of 3 cells"
    assert "&lt;i&gt;Austin" in chart.figure.to_json().replace("\\u0026", "&")
    assert len(chart.figure.data[1].x) == (CELLS.cells["verdict"] == BEHIND).sum()


def test_a_matrix_of_sizes_keeps_their_order():
    cells = measured(
        ["sector", "size_band"], [("Energy", "large", 90, 1), ("Energy", "small", 40, 2)]
    ).cells
    chart = gap_matrix.matrix(cells, gaps.split(gaps.SIZE, "Ward", WORDS), FULL, LIGHT)
    assert list(chart.figure.layout.xaxis.ticktext) == ["small (&lt; 50)", "large"]
    assert "largest first" not in chart.subtitle


def test_classes_of_gaps_begin_at_nothing_whatever_the_largest():
    for top in (0.0, 1.0, 40.0, 9_000.0):
        classes = gap_matrix.gap_classes(CELLS.cells.assign(shortfall=top), LIGHT)
        assert classes[0].start == 0
        assert classes[0].text == f"under {classes[1].start:.0f}"
        assert len(classes) <= len(LIGHT.shortfall)


# -- tables -------------------------------------------------------------------------------------


def test_gaps_without_a_goal_are_measured_against_the_city():
    cells = CELLS.cells.assign(shortfall=math.nan, expected=[50.0, 40.0, 5.0], enrolled=[2, 8, 9])
    assert gaps.gap_sizes(cells).tolist() == [48.0, 32.0, 0.0]
    heads, rows, shares = gaps.gap_rows(cells)
    assert heads[3] == "Missing to the city's coverage"
    assert len(rows) == 2
    assert shares[0] == 1.0


def test_the_ranked_list_ends_with_the_reason_and_its_download_has_every_figure():
    view = gaps.ranked(CELLS.cells.assign(accounts_dormant=1), AREAS, FULL)
    assert view.columns[-1].name == "reason"
    assert "Gone quiet" in [column.label for column in view.columns]
    assert {"area_id", "targets", "representation_low", "q", "verdict"} <= set(view.download())
    silent = Build("accounts", records_activity=False)
    unknown = gaps.ranked(CELLS.cells.assign(accounts_dormant=0), AREAS, silent)
    assert "Gone quiet" not in [column.label for column in unknown.columns]


def test_a_cell_filters_rows_and_is_named():
    frame = pd.DataFrame({
        "sector": ["Energy", "Energy", "Dams"], "area_id": ["1", "2", "1"],
        "area_name": ["Loop", "Austin", "Loop"], "size_band": ["small", "large", "small"],
    })  # fmt: skip
    assert list(gaps.keyed(CELLS.cells)) == [
        f"{row.sector}~{row.area_id}" for row in CELLS.cells.itertuples()
    ]
    cell = gaps.keyed(CELLS.cells)["Energy~2"]
    assert cell == tables.Cell("Energy", area_id="2")
    for chosen, count in (
        (cell, 1),
        (tables.Cell("Energy"), 2),
        (tables.Cell("Energy", size_band="small"), 1),
        (None, 3),
    ):
        assert len(tables.in_cell(frame, chosen)) == count
    assert tables.cell_text(cell, tables.in_cell(frame, cell), WORDS) == "Energy in Austin"
    sized = tables.Cell("Energy", size_band="small")
    assert tables.cell_text(sized, frame, WORDS) == "Energy, small (< 50)"
    assert tables.cell_cut(sized) == "only sector=Energy; only size=small"
    assert tables.cell_text(None, frame, WORDS) == ""


MEMBERS = pd.DataFrame(
    [("Energy", "InfraGard", 14), ("Energy", "BOMA", 3), ("Energy", None, 15), ("Dams", None, 1),
     ("Dams", "BOMA", 1)],
    columns=["sector", "program", "targets"],
)  # fmt: skip


def test_members_of_other_programs_by_sector():
    cells = by_sector(ENERGY, DAMS, ("Chemical", 50, 5)).cells
    view = openings.bridge(cells, MEMBERS, FULL, None, "")
    assert view.label == (
        "Of the 715 targets not enrolled, 16 already belong to another program: 14 to InfraGard "
        "and 4 to BOMA"
    )
    assert [column.label for column in view.columns[2:]] == [
        "In another program",
        "InfraGard",
        "BOMA",
    ]
    assert view.frame.iloc[0].tolist() == ["Energy", 390, 15, 14, 3]
    assert len(view.frame) == 2


def test_of_many_programs_a_sentence_names_those_with_most():
    many = pd.DataFrame(
        [("Energy", f"Program {n}", n) for n in range(1, 9)] + [("Energy", None, 20)],
        columns=["sector", "program", "targets"],
    )
    view = openings.bridge(by_sector(ENERGY, DAMS).cells, many, FULL, None, "")
    assert view.label.endswith("8 to Program 8, 7 to Program 7, 6 to Program 6, 5 to Program 5, "
                               "4 to Program 4, 3 to Program 3 and others to others")  # fmt: skip
    assert len(view.columns) == 11


@pytest.mark.parametrize(
    ("enrolled", "members", "build", "said"),
    [
        (10, MEMBERS.iloc[[0, 2]].assign(targets=14), FULL,
         "Of the 390 targets of Energy not enrolled, 14 already belong to InfraGard"),
        (10, MEMBERS.iloc[[0, 2]].assign(targets=1), FULL,
         "Of the 390 targets of Energy not enrolled, 1 already belongs to InfraGard"),
        (399, MEMBERS.iloc[[0, 2]].assign(targets=1), FULL,
         "The 1 target of Energy not enrolled already belongs to InfraGard"),
        (399, MEMBERS.iloc[:0], FULL,
         "The 1 target of Energy not enrolled belongs to no other program on record"),
        (10, MEMBERS.iloc[:0], FULL,
         "None of the 390 targets of Energy not enrolled belongs to another program on record"),
        (400, MEMBERS.iloc[:0], FULL, "Every target of Energy is enrolled"),
        (10, MEMBERS.iloc[:0], Build("accounts"), openings.NO_MEMBERSHIPS),
    ],
)  # fmt: skip
def test_members_of_one_cell_in_words(enrolled, members, build, said):
    cells = by_sector(("Energy", 400, enrolled), DAMS).cells
    view = openings.bridge(
        cells[cells["sector"] == "Energy"], members, build, tables.Cell("Energy"), "Energy"
    )
    assert view.label == said
    assert view.cut == "only sector=Energy"


ACCOUNTS = pd.DataFrame({
    "account_id": ["A1", "A2"], "target_id": ["T1", None], "organization": ["Shop", ""],
    "building_id": ["B1", "B2"], "building": ["Alder", "Birch"], "address": ["", ""],
    "area_id": ["1", "1"], "area_name": ["Loop", "Loop"], "sector": ["Energy", "Dams"],
    "size_band": ["small", "odd"], "memberships": ["BOMA", ""],
    "enrolled_on": pd.to_datetime(["2013-01-01", "2014-01-01"]),
    "last_active_on": pd.to_datetime(["2016-01-01", "2015-01-01"]), "days_quiet": [455, 820],
})  # fmt: skip


def test_whom_to_win_back():
    view = openings.quiet(ACCOUNTS, "Ward", WORDS, FULL, None, "")
    assert view.label == "Whom to win back: 2 accounts have gone quiet"
    assert view.frame["organization"].tolist() == ["Shop", "(the building)"]
    assert view.frame["size_text"].tolist() == ["small (< 50)", "odd"]
    assert {"Organization", "Building", "Quiet since"} <= {c.label for c in view.columns}
    assert {"account_id", "target_id", "building_id"} <= set(view.download())
    one = openings.quiet(ACCOUNTS.iloc[:1], None, WORDS, FULL, tables.Cell("Energy"), "Energy")
    assert one.label == "Whom to win back: 1 account of Energy has gone quiet"
    assert "Ward" not in [column.label for column in one.columns]


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (FULL, "No account of Energy has been quiet for more than 365 days"),
        (Build("accounts", records_activity=False), "unknown: no activity is on record"),
        (Build(), "No accounts have been brought"),
    ],
)
def test_nobody_to_win_back(build, said):
    view = openings.quiet(ACCOUNTS.iloc[:0], None, WORDS, build, tables.Cell("Energy"), "Energy")
    assert said in view.label
    assert view.frame.empty
