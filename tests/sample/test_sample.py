"""The made city: exact where it promises to be, alike in every byte, sound in its references."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from pppdash.city import DEFAULT_CITY, load_city
from pppdash.errors import CityError, UsageError
from pppdash.sample import DEFAULT_SEED, RECIPE_FILE, make_sample
from pppdash.sample.draws import choose, split, stream
from pppdash.sample.figures import as_markdown, figures, read_made
from pppdash.sample.folder import BUILT, MANIFEST
from pppdash.sample.recipe import load_recipe
from pppdash.sources.contracts import ENTITIES, SECTORS

ROOT = DEFAULT_CITY.parent.parent
AS_OF = "2017-03-31"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in BUILT}


def frame(folder: Path, entity: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{entity}.csv", dtype=str, keep_default_na=False)


@dataclass
class City:
    folder: Path

    def __getattr__(self, entity: str) -> pd.DataFrame:
        return frame(self.folder, entity)

    @property
    def enrollments(self) -> pd.DataFrame:
        """Accounts with the target that each enrolls in ``enrolls``."""
        return read_made(self.folder).accounts


@pytest.fixture(scope="session")
def committed() -> City:
    return City(DEFAULT_CITY)


@pytest.fixture(scope="session")
def larger(tmp_path_factory: pytest.TempPathFactory) -> City:
    folder = tmp_path_factory.mktemp("larger") / "city"
    make_sample(folder, targets=20_000)
    return City(folder)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> City:
    folder = tmp_path_factory.mktemp("tiny") / "city"
    make_sample(folder, targets=50, buildings=50, seed=9)
    return City(folder)


@pytest.fixture(params=["committed", "larger", "tiny"])
def city(request: pytest.FixtureRequest) -> City:
    made = request.getfixturevalue(request.param)
    assert isinstance(made, City)
    return made


# The same arguments, the same bytes ------------------------------------------------------------


def test_committed_folder_is_what_sample_makes(tmp_path: Path) -> None:
    make_sample(tmp_path / "again", targets=10_000, buildings=3_500, seed=DEFAULT_SEED)
    assert contents(tmp_path / "again") == contents(DEFAULT_CITY)


def test_bytes_do_not_depend_on_hash_seed_locale_time_zone_or_threads(
    tiny: City, tmp_path: Path
) -> None:
    script = (
        "import pathlib, sys; from pppdash.sample import make_sample; "
        "make_sample(pathlib.Path(sys.argv[1]), 50, 50, 9)"
    )
    other = {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo", "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "other")], check=True, cwd=ROOT, env=other
    )
    assert contents(tmp_path / "other") == contents(tiny.folder)


def test_another_seed_is_another_city_of_the_same_kind(tiny: City, tmp_path: Path) -> None:
    make_sample(tmp_path / "other", targets=50, buildings=50, seed=10)
    other = City(tmp_path / "other")
    assert (other.folder / "accounts.csv").read_bytes() != (
        tiny.folder / "accounts.csv"
    ).read_bytes()
    assert len(other.accounts) == len(tiny.accounts)


def test_a_made_city_can_be_made_again_from_its_own_recipe(tiny: City, tmp_path: Path) -> None:
    make_sample(tmp_path / "again", 50, 50, 9, recipe=tiny.folder / RECIPE_FILE)
    assert contents(tmp_path / "again") == contents(tiny.folder)


# Exact figures ---------------------------------------------------------------------------------


def test_committed_city_has_the_promised_figures(committed: City) -> None:
    active = committed.enrollments.query("ended_on == ''")
    assert (len(committed.targets), len(committed.buildings)) == (10_000, 3_500)
    assert len(active) == active["enrolls"].nunique() == 1_200
    assert load_city(committed.folder).target_universe is not None
    assert committed.flash_points["started_on"].tolist()[:4] == [
        "2012-05-20",
        "2015-06-17",
        "2015-12-02",
        "2016-06-12",
    ]


@pytest.mark.parametrize("targets", [1, 7, 50, 143, 20_000])
def test_every_size_scales(targets: int, tmp_path: Path) -> None:
    make_sample(tmp_path / "city", targets=targets)
    made = City(tmp_path / "city")
    active = made.enrollments.query("ended_on == ''")
    assert len(made.targets) == targets
    assert len(made.buildings) == max(1, round(0.35 * targets))
    assert len(active) == active["enrolls"].nunique() == round(0.12 * targets)
    assert load_city(made.folder).as_of is not None


def test_most_joined_before_the_summit_and_rises_follow_the_attacks(committed: City) -> None:
    months = committed.enrollments["month"].value_counts()
    before_summit = months[["2012-03", "2012-04", "2012-05"]]
    assert 0.55 < before_summit.sum() / months.sum() < 0.65
    quiet = months.drop(before_summit.index)
    quiet = quiet[[month < "2015-06" for month in quiet.index]]
    for first in ("2015-06", "2015-12", "2016-06"):
        after = pd.period_range(first, periods=3, freq="M").astype(str)
        assert months.reindex(after, fill_value=0).sum() > 1.5 * 3 * quiet.mean()
    assert 6 < quiet.mean() < 10


def test_some_ended_some_came_back_and_some_went_quiet(committed: City) -> None:
    accounts = committed.enrollments
    again = accounts[accounts["enrolls"].duplicated(keep=False)].sort_values(
        ["enrolls", "enrolled_on"]
    )
    first, second = again.iloc[::2], again.iloc[1::2]
    assert len(first) == 30 and (first["enrolls"].to_numpy() == second["enrolls"].to_numpy()).all()
    assert (first["ended_on"].to_numpy() < second["enrolled_on"].to_numpy()).all()
    assert (second["ended_on"] == "").all()
    assert (accounts["ended_on"] != "").sum() == 179
    active = accounts[accounts["ended_on"] == ""]
    assert active["last_active_on"].between("2012-03-07", "2016-03-30").sum() == 210


def test_gaps_lie_where_they_are_planted(larger: City) -> None:
    targets = read_made(larger.folder).targets
    sectors = targets.groupby("sector")["is_enrolled"].mean()
    groups = targets.groupby("group")["is_enrolled"].mean()
    bands = targets.groupby("size_band")["is_enrolled"].mean()
    behind = ["Food and Agriculture", "Healthcare and Public Health"]
    assert (
        sectors[behind].max()
        < 0.06
        < 0.12
        < sectors[["Financial Services", "Commercial Facilities"]].min()
    )
    assert groups["Downtown"] == groups.max() > 3 * groups[["Far Southeast", "Far Southwest"]].max()
    assert bands["small"] < bands["mid-sized"] < bands["large"]


def test_survey_trends_are_found_where_planted_and_nowhere_else(committed: City) -> None:
    answers = committed.survey_responses.assign(
        score=lambda rows: rows["score"].astype(int),
        year=lambda rows: rows["wave"].str[:4].astype(int),
    )
    for question in load_recipe(committed.folder / RECIPE_FILE).survey.questions:
        own = answers[answers["question_id"] == question.question_id]
        slope, covariance = np.polyfit(own["year"], own["score"], 1, cov=True)
        strength = slope[0] / np.sqrt(covariance[0, 0])
        assert (
            abs(strength) < 2 if question.change == 0 else strength * np.sign(question.change) > 3
        )


def test_readme_table_is_what_the_command_prints() -> None:
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- figures -->\n(.*)<!-- end of figures -->", readme, re.DOTALL)
    assert table is not None
    assert table[1] == as_markdown(figures(read_made(DEFAULT_CITY)))


# References and dates --------------------------------------------------------------------------


def test_columns_are_the_contract_and_keys_are_unique(city: City) -> None:
    config = load_city(city.folder)
    assert set(config.synthetic) == set(config.sources) == set(ENTITIES) - {"survey_scores"}
    for name in config.sources:
        rows, entity = frame(city.folder, name), ENTITIES[name]
        assert set(entity.required) <= set(rows.columns) <= set(entity.column_names)
        assert not rows.duplicated(list(set(entity.key) & set(rows.columns))).any(), name
        assert (rows[list(entity.required)] != "").all().all(), name
        for column in entity.columns:
            if column.choices and column.name in rows:
                assert set(rows[column.name]) <= {*column.choices, ""}, (name, column.name)


def test_references_resolve(city: City) -> None:
    ids = {
        "buildings": set(city.buildings["building_id"]),
        "targets": set(city.targets["target_id"]),
        "survey_questions": set(city.survey_questions["question_id"]),
    }
    for name in load_city(city.folder).sources:
        rows = frame(city.folder, name)
        for column in ENTITIES[name].columns:
            if column.refers_to and column.name in rows:
                assert set(rows[column.name]) - {""} <= ids[column.refers_to], (name, column.name)


def test_every_building_has_a_target_and_at_most_one_manager(city: City) -> None:
    targets = city.targets
    assert set(targets["building_id"]) == set(city.buildings["building_id"])
    assert targets.loc[targets["role"] == "manager", "building_id"].is_unique
    assert (city.enrollments["enrolls"] != "").all()


def test_buildings_lie_inside_one_area_of_each_layer(city: City) -> None:
    x, y = (city.buildings[axis].astype(float).to_numpy() for axis in ("longitude", "latitude"))
    for layer in load_city(city.folder).areas.values():
        features = json.loads((city.folder / layer.path).read_text())["features"]
        shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
        held = np.sum([shapely.contains_xy(shape, x, y) for shape in shapes], axis=0)
        assert (held == 1).all()


def test_dates_follow_one_another(city: City) -> None:
    accounts = city.accounts
    ended = accounts[accounts["ended_on"] != ""]
    seen = accounts[accounts["last_active_on"] != ""]
    invited = accounts[accounts["invited_on"] != ""]
    assert accounts["enrolled_on"].between("2012-03-07", AS_OF).all()
    assert (ended["ended_on"] > ended["enrolled_on"]).all() and (ended["ended_on"] <= AS_OF).all()
    assert (seen["last_active_on"] >= seen["enrolled_on"]).all()
    assert (seen["last_active_on"] <= AS_OF).all()
    assert (invited["invited_on"] <= invited["enrolled_on"]).all()
    stopped = seen[seen["ended_on"] != ""]
    assert (stopped["last_active_on"] < stopped["ended_on"]).all()
    assert accounts["enrolled_on"].is_monotonic_increasing


def test_contacts_fit_the_accounts(city: City) -> None:
    contacts, accounts = city.outreach_contacts, city.enrollments
    assert (contacts["contacted_on"] <= AS_OF).all()
    both = contacts.merge(accounts, left_on="target_id", right_on="enrolls", suffixes=("", "_of"))
    during = (both["enrolled_on"] < both["contacted_on"]) & (
        (both["ended_on"] == "") | (both["ended_on"] > both["contacted_on"])
    )
    assert not during.any(), "nobody is called who is enrolled already"
    days = (pd.to_datetime(both["enrolled_on"]) - pd.to_datetime(both["contacted_on"])).dt.days
    soon = days.between(0, 21)
    assert set(both.loc[soon & (both["outcome"] == "enrolled"), "contact_id"]) == set(
        contacts.loc[contacts["outcome"] == "enrolled", "contact_id"]
    )


def test_respondents_are_partners_on_the_day_of_the_wave(city: City) -> None:
    answers = city.survey_responses.merge(
        city.enrollments, left_on="target_id", right_on="enrolls", suffixes=("", "_of")
    )
    is_active = (answers["enrolled_on"] <= answers["wave"]) & (
        (answers["ended_on"] == "") | (answers["ended_on"] > answers["wave"])
    )
    partners = answers[is_active].groupby("wave")["respondent_id"].nunique()
    assert is_active.sum() == len(city.survey_responses)
    invited = city.survey_waves.set_index("wave")["invited"].astype(int)
    assert (partners <= invited[partners.index]).all()
    margins = city.survey_margins.astype({"population": int}).groupby("wave")["population"].sum()
    assert (margins == invited).all()


def test_scores_lie_on_their_scales(city: City) -> None:
    answers = city.survey_responses.merge(city.survey_questions, on="question_id")
    score, low, high = (answers[name].astype(int) for name in ("score", "scale_min", "scale_max"))
    assert score.between(low, high).all()


# Names -----------------------------------------------------------------------------------------


def test_every_name_is_made_of_the_invented_words(committed: City) -> None:
    recipe = load_recipe(committed.folder / RECIPE_FILE)
    names = recipe.names
    word, street = "|".join(names.words), "|".join(names.streets)
    premises = "|".join(text for sector in recipe.sectors for text in sector.premises)
    trades = "|".join(text for sector in recipe.sectors for text in sector.trades)
    building = rf"(?:{word}) (?:{premises}) \d{{4}}"
    organization = rf"{building} Management|(?:{word}) & (?:{word}) (?:{trades}) \d{{5}}"
    address = rf"\d+ [NSEW] (?:{street}) (?:{'|'.join(names.street_kinds)})"
    assert committed.buildings["name"].str.fullmatch(building).all()
    assert committed.targets["organization"].str.fullmatch(organization).all()
    assert committed.buildings["address"].str.fullmatch(address).all()
    assert committed.buildings["name"].is_unique and committed.targets["organization"].is_unique


def test_recipe_names_the_official_sectors() -> None:
    assert set(load_recipe(DEFAULT_CITY / RECIPE_FILE).sector_names) == {*SECTORS, ""}


def test_sides_are_the_exact_union_of_the_areas() -> None:
    united = []
    for name in ("community_areas", "sides"):
        text = (DEFAULT_CITY / f"{name}.geojson").read_text(encoding="utf-8")
        features = json.loads(text)["features"]
        shapes = np.array([shapely.geometry.shape(each["geometry"]) for each in features])
        assert shapely.coverage_is_valid(shapes) and shapely.is_valid(shapes).all()
        united.append(shapely.coverage_union_all(shapes))
    assert united[0].equals(united[1])


# Refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"targets": 0}, "at least 1 target"),
        ({"targets": -5}, "at least 1 target"),
        ({"targets": 10, "buildings": 0}, "at least 1 building"),
        ({"targets": 10, "buildings": 11}, "at most as many buildings as targets"),
        ({"targets": 10, "seed": -1}, "--seed is -1"),
    ],
)
def test_refuses_numbers_out_of_range(numbers: dict[str, int], said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=said):
        make_sample(tmp_path / "city", **numbers)
    assert list(tmp_path.iterdir()) == []


def test_refuses_somebody_elses_folder(tmp_path: Path) -> None:
    (tmp_path / "city.toml").write_text('name = "Mine"\n')
    with pytest.raises(UsageError, match=r"holds city\.toml, which is not of a sample"):
        make_sample(tmp_path, targets=10)
    assert contents(tmp_path) == {"city.toml": b'name = "Mine"\n'}
    with pytest.raises(UsageError, match="is a file"):
        make_sample(tmp_path / "city.toml", targets=10)


@pytest.mark.parametrize("name", ["accounts.csv", "city.toml", "notes.txt", RECIPE_FILE])
def test_refuses_a_sample_that_was_worked_on(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "city"
    make_sample(folder, targets=10)
    with (folder / name).open("a") as file:
        file.write("mine\n")
    before = contents(folder)
    with pytest.raises(UsageError, match=name):
        make_sample(folder, targets=20)
    assert contents(folder) == before


def test_replaces_an_earlier_sample_and_keeps_its_builds(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    folder.mkdir()
    make_sample(folder, targets=10)
    (folder / "warehouse").mkdir()
    (folder / "warehouse" / "current").write_text("a build")
    make_sample(folder, targets=20)
    assert (folder / "warehouse" / "current").read_text() == "a build"
    assert json.loads((folder / MANIFEST).read_text())["targets"] == 20
    assert [path.name for path in tmp_path.iterdir()] == ["city"]


def test_an_interruption_leaves_the_old_city_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "city"
    make_sample(folder, targets=10)
    before = contents(folder)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pppdash.sample.make_contacts", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_sample(folder, targets=20)
    with pytest.raises(KeyboardInterrupt):
        make_sample(tmp_path / "new", targets=20)
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["city"]


def test_an_edited_recipe_makes_its_own_folder_anew(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    make_sample(folder, targets=100, seed=1)
    recipe = folder / RECIPE_FILE
    recipe.write_text(recipe.read_text().replace("active_share = 0.12", "active_share = 0.5"))
    make_sample(folder, targets=100, seed=1, recipe=recipe)
    assert (frame(folder, "accounts")["ended_on"] == "").sum() == 50


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[city]", "[city", "not valid TOML"),
        ("active_share = 0.12", "active_share = 12", "accounts.active_share"),
        ("active_share = 0.12", "active_shore = 0.12", "accounts.active_shore"),
        ('areas = ["28"]', 'areas = ["28", "8"]', "more than one group: 8"),
        ('areas = ["28"]', 'areas = ["28", "88"]', "differ in these areas: 88"),
        ('"Chemical" = 4.0', '"Chemistry" = 4.0', "Chemistry"),
        ("launched_on = 2012-03-07", "launched_on = 2018-03-07", "must follow one another"),
        ("wave = 2016-10-15", "wave = 2017-10-15", "survey waves after as_of"),
        ("weights = [4, 2, 1, 1] ", "weights = [4, 2, 1] ", "one weight a wave"),
        ("scale = [0, 10]", "scale = [10, 0]", "scale must run"),
        ("ended_share = 0.13 ", "ended_share = 0.01 ", "above ended_share"),
        ('question_id = "recommend"\nshare', 'question_id = "none"\nshare', "is no question"),
        ("response_odds = { small = 0.8, ", "response_odds = { ", "needs the keys small"),
        ("launched_on = 2012-03-07", "launched_on = 2017-03-20", "too few accounts are old"),
    ],
)
def test_a_recipe_that_cannot_be_followed_says_why(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    for path in DEFAULT_CITY.glob("*.geojson"):
        shutil.copy(path, tmp_path)
    text = (DEFAULT_CITY / RECIPE_FILE).read_text(encoding="utf-8")
    assert text.count(old) >= 1
    (tmp_path / RECIPE_FILE).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CityError, match=re.escape(said)):
        make_sample(tmp_path / "city", targets=1_000, recipe=tmp_path / RECIPE_FILE)
    assert not (tmp_path / "city").exists()


def test_a_recipe_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.toml is not there"):
        make_sample(tmp_path / "city", targets=10, recipe=tmp_path / "nothing.toml")


# Draws -----------------------------------------------------------------------------------------


def test_split_loses_nothing_and_chooses_in_proportion() -> None:
    for seed in range(50):
        rng = stream(seed, "split")
        weights = rng.random(30)
        parts = split(rng, 1_000, weights)
        assert parts.sum() == 1_000
        assert np.abs(parts - 1_000 * weights / weights.sum()).max() < 1


def test_choose_takes_different_ones_and_prefers_the_heavier() -> None:
    weights = np.repeat([0.0, 1.0, 3.0], 1_000)
    chosen = choose(stream(1, "choose"), weights, 200)
    assert len(set(chosen.tolist())) == 200
    assert chosen.min() >= 1_000
    assert 2 < (chosen >= 2_000).sum() / (chosen < 2_000).sum() < 4.5
    assert len(choose(stream(1, "choose"), weights, 5_000)) == 2_000
