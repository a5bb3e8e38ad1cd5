"""Means, shares, errors and weights against values that R's survey package gave.

tests/reference/make_survey_reference.R made them and names its settings.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pppdash.analysis.survey import Survey, measure
from pppdash.city import load_city
from pppdash.warehouse.build import build_city
from pppdash.warehouse.read import Warehouse, open_warehouse

TESTS = Path(__file__).parent.parent
REFERENCE = pd.read_csv(TESTS / "reference" / "survey_reference.csv", keep_default_na=False)
KEY = ["question_id", "wave", "segment"]
FIGURES = [
    *("n", "n_effective", "mean", "mean_low", "mean_high"),
    *("top_two", "top_two_low", "top_two_high", "net_score"),
]


@pytest.fixture(scope="module")
def kansas(real_data: Path, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("cities") / "kansas_city"
    shutil.copytree(TESTS / "cities" / "kansas_city", folder)
    build_city(load_city(folder, real_data))
    with closing(open_warehouse(folder)) as warehouse:
        yield warehouse


def _reference(name: str) -> pd.DataFrame:
    rows = REFERENCE[REFERENCE["set"] == name].drop(columns="set")
    rows = rows.rename(columns={"group": "segment"})
    figures = rows.columns.drop(KEY)
    rows[figures] = rows[figures].replace("", np.nan).astype("float64")
    return rows.assign(wave=pd.to_datetime(rows["wave"])).set_index(KEY)


def _measured(
    warehouse: Warehouse,
    margins: pd.DataFrame,
    segment: str = "",
    kinds: dict[str, str] | None = None,
) -> Survey:
    as_of = warehouse.build.as_of
    answers = warehouse.query("survey_answers", as_of=as_of)
    if kinds is not None:
        kind = answers["sector"].map(kinds).fillna("others")
        answers = answers.assign(area_id=kind, area_name=kind)
    return measure(
        answers,
        warehouse.query("survey_questions"),
        warehouse.query("survey_waves", as_of=as_of),
        margins,
        warehouse.build.min_respondents,
        segment,
    )


def _margins(warehouse: Warehouse) -> pd.DataFrame:
    return warehouse.query("survey_margins", as_of=warehouse.build.as_of)


def _assert_equal(found: Survey, name: str) -> int:
    """Assert that what is shown agrees; return how many rows that are."""
    expected = _reference(name)
    shown = found.results[~found.results["suppressed"]].set_index(KEY)
    keys = expected.index.intersection(shown.index)
    assert len(keys)
    always = ["n", "n_effective", "mean", "error", "mean_low", "mean_high", "top_two"]
    assert expected[always].notna().all(axis=None)
    is_net = expected.index.get_level_values("question_id") == "recommend"
    assert (expected[["net_score", "net_error"]].notna().all(axis=1) == is_net).all()
    for figure in FIGURES:
        known = expected.loc[keys, figure].dropna()
        np.testing.assert_allclose(
            shown.loc[known.index, figure].astype("float64"),
            known,
            rtol=0,
            atol=1e-6,
            err_msg=figure,
        )
    _assert_net_interval(shown.loc[keys], expected.loc[keys])
    return len(keys)


def _assert_net_interval(shown: pd.DataFrame, expected: pd.DataFrame) -> None:
    """The net score's error is R's with n in place of n - 1 (docs/methods.md)."""
    known = expected["net_error"].dropna()
    n = expected.loc[known.index, "n"]
    reach = (shown["mean_high"] - shown["mean"]) / expected[
        "error"
    ]  # the quantile, as tested above
    net = shown.loc[known.index, "net_high"] - shown.loc[known.index, "net_score"]
    np.testing.assert_allclose(net, reach[known.index] * known * np.sqrt((n - 1) / n), atol=1e-6)


def test_unweighted_means_of_the_sample(sample: Warehouse):
    nothing = _margins(sample).head(0)
    assert _assert_equal(_measured(sample, nothing), "sample, unweighted") == 36


def test_raked_means_of_the_sample(sample: Warehouse):
    assert _assert_equal(_measured(sample, _margins(sample)), "sample, raked") == 36


def test_raked_means_of_parts_of_the_sample(sample: Warehouse):
    found = _measured(sample, _margins(sample), "sector")
    assert _assert_equal(found, "sample, raked, by sector") > 80


def test_means_raked_to_two_variables(sample: Warehouse):
    made = {"others": 600, "Commercial Facilities": 300, "Financial Services": 200}
    margins = _margins(sample)
    kinds = [
        (wave, "area_id", kind, total)
        for wave in margins["wave"].unique()
        for kind, total in made.items()
    ]
    both = pd.concat([margins, pd.DataFrame(kinds, columns=margins.columns)], ignore_index=True)
    found = _measured(sample, both, kinds={kind: kind for kind in made})
    assert set(found.waves["weighted_to"]) == {"area_id, size_band"}
    assert _assert_equal(found, "sample, raked twice") == 36


def test_kansas_city(kansas: Warehouse):
    nothing = _margins(kansas)
    assert _assert_equal(_measured(kansas, nothing), "Kansas City, unweighted") == 76
    by_district = _measured(kansas, nothing, "area_id")
    assert _assert_equal(by_district, "Kansas City, unweighted, by district") == 84


def test_kansas_city_raked_to_districts_taken_for_equally_large(kansas: Warehouse):
    waves = kansas.query("survey_waves", as_of=kansas.build.as_of)["wave"]
    rows = [(w, "area_id", f"District {d}", 1000.0) for w in waves for d in range(1, 7)]
    margins = pd.DataFrame(rows, columns=["wave", "variable", "value", "population"])
    assert _assert_equal(_measured(kansas, margins), "Kansas City, raked") == 76
