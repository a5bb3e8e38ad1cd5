"""A city.toml that cannot be followed says which key, and what may have been meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from pppdash.city import load_city
from pppdash.errors import UsageError
from tests.helpers import CONFIG, LittleCity, assert_refused

TOP = CONFIG[""]

SECTIONS = {
    "misspelled key": (
        "sources.accounts",
        'path = "accounts.csv"\nwher = "true"',
        ".accounts.wher",
    ),
    "misspelled section": ("setings", "max_rejected = 0.5", "did you mean 'settings'?"),
    "misspelled at the top": ("", TOP + "\nlaunch_on = 2012-03-07", "did you mean 'launched_on'?"),
    "no path": ("sources.accounts", 'where = "true"', "sources.accounts.path"),
    "path of no text": ("sources.accounts", "path = 3", "sources.accounts.path"),
    "no name": ("", "as_of = 2017-03-31", "name"),
    "text for a number": ("settings", 'max_rejected = "few"', "settings.max_rejected"),
    "text for a date": ("", 'name = "x"\nas_of = "March"', "as_of"),
    "percent for a share": ("goal", "coverage = 80\ndue = 2020-12-31", "goal.coverage"),
    "bounds the wrong way": ("target_universe", "low = 11\nhigh = 9", "low (11) is above high (9)"),
    "bands the wrong way": (
        "settings.size_bands",
        "mid_sized = 300\nlarge = 250",
        "mid_sized must be below large",
    ),
    "wide without questions": (
        "sources.accounts",
        'path = "accounts.csv"\nlayout = "wide"',
        'layout = "wide" needs a [questions] table',
    ),
    "layer of no name": ("areas.'Police District'", 'path = "x.geojson"', "Police District"),
    "scale of a question in capitals": (
        "sources.survey_scores",
        'path = "x.csv"\nlayout = "wide"\nquestions.SAFETY = { text = "Safe?", scale = [5, 1] }',
        "sources.survey_scores.questions.SAFETY.scale: the scale must run from its lowest",
    ),
    "crosswalk misspelled": (
        "sources.buildings.columns",
        'sector = { from = "name", crosswak = "x.csv" }',
        "crosswalk",
    ),
    "unknown entity": (
        "sources.acounts",
        'path = "accounts.csv"',
        "[sources.acounts]: 'acounts' is not known; did you mean 'accounts'?",
    ),
    "unknown column": (
        "sources.accounts.columns",
        'enroled_on = "enrolled_on"',
        "sources.accounts.columns: 'enroled_on' is not known; did you mean 'enrolled_on'?",
    ),
    "unknown synthetic": ("", TOP + '\nsynthetic = ["acounts"]', "did you mean 'accounts'?"),
    "unknown altogether": ("sources.zebras", 'path = "x.csv"', "known are buildings, targets,"),
    "no path at all": ("sources.accounts", "path = []", "sources.accounts.path is an empty list"),
    "path twice": (
        "sources.accounts",
        'path = ["accounts.csv", "accounts.csv"]',
        "sources.accounts.path names a file twice; name it once.",
    ),
    "layer that means something else": (
        "areas.sector",
        'path = "wards.geojson"',
        "[areas.sector]: 'sector' already means something else; rename the layer.",
    ),
    "no such CRS": (
        "areas.ward",
        'path = "wards.geojson"\ncrs = "EPSG:99999999"',
        "areas.ward.crs = 'EPSG:99999999' is no known coordinate system; write one like EPSG:3435.",
    ),
    "CRS that could be several": (
        "sources.buildings",
        'path = "buildings.csv"\ncrs = "Illinois East"',
        "sources.buildings.crs = 'Illinois East' is no known coordinate system",
    ),
}


@pytest.mark.parametrize("case", SECTIONS)
def test_what_cannot_be_followed_is_named(city: LittleCity, case: str):
    section, lines, words = SECTIONS[case]
    city.set(section, lines)
    assert_refused(city, f"{city.folder}/city.toml", words)


@pytest.mark.parametrize("form", ["%Q", "%", "mm/dd/yyyy", "", "%Y-%m-%dT%H:%M:%S%z"])
def test_what_is_no_form_of_a_date_is_named(city: LittleCity, form: str):
    city.set("sources.accounts", f'path = "accounts.csv"\ndate_formats = ["{form}"]')
    assert_refused(
        city, f"sources.accounts.date_formats: {form!r} is not the form of a date; write one like"
    )


@pytest.mark.parametrize("content", [b"name = ", b"name = 'x'\n[areas\n", b"name = '\xff'\n"])
def test_what_is_no_toml_is_said(city: LittleCity, content: bytes):
    city.write("city.toml", content)
    assert_refused(city, f"{city.folder}/city.toml is not valid TOML: ")


def test_folder_without_city_toml_is_wrong_use(tmp_path: Path):
    with pytest.raises(UsageError, match=r"has no city\.toml; name a folder that holds one"):
        load_city(tmp_path)


def test_root_that_is_no_folder_is_wrong_use(city: LittleCity):
    with pytest.raises(UsageError, match="is not a folder"):
        load_city(city.folder, city.folder / "nowhere")


def test_data_may_lie_elsewhere_than_city_toml(city: LittleCity, tmp_path: Path):
    root = tmp_path / "data"
    root.mkdir()
    for name in ("buildings.csv", "targets.csv", "accounts.csv", "wards.geojson"):
        (city.folder / name).rename(root / name)
    assert load_city(city.folder, root).file("accounts.csv") == root / "accounts.csv"
