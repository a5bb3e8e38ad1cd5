"""Polygons that are damaged, doubled, or drawn in another coordinate system."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely

from pppdash.metrics.filters import Filters
from pppdash.sources.intake import Notice
from pppdash.sources.places import make_layer, place
from tests.helpers import (
    AS_OF,
    BUILDINGS,
    LittleCity,
    assert_published,
    assert_refused,
    collection,
    feature,
    square,
    wards,
)

CROSSED = {
    "type": "Polygon",
    "coordinates": [
        [[-87.70, 41.80], [-87.68, 41.82], [-87.68, 41.80], [-87.70, 41.82], [-87.70, 41.80]]
    ],
}
FLAT = {"type": "Polygon", "coordinates": [[[-87.7, 41.8], [-87.7, 41.9], [-87.7, 41.8]]]}
ILLINOIS_EAST = "EPSG:3435"  # in feet


def projected(crs: str | int) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame.from_features(wards(), crs="EPSG:4326")
    return frame.to_crs(crs)


def write_projected(city: LittleCity, crs: str, said: str | None) -> None:
    features = json.loads(projected(crs).to_json())["features"]
    city.write("wards.geojson", collection(features, said))


def areas_of(city: LittleCity) -> dict[str, str]:
    return {row["building_id"]: row["area_id"] for row in city.buildings()}


WHERE_THEY_LIE = {"B1": "1", "B2": "1", "B3": "2", "B4": "2", "B5": "3", "B6": "3"}


def test_polygon_that_crosses_itself_is_repaired_and_said(city: LittleCity):
    features = wards()
    features[0]["geometry"] = CROSSED
    city.write("wards.geojson", collection(features))
    city.write("buildings.csv", BUILDINGS.replace("-87.695,41.805", "-87.695,41.810"))
    report = assert_published(city)
    assert report.tallies["areas"].warnings == [
        Notice("wards.geojson", "geometry", "crossed itself and was repaired", 1)
    ]
    assert areas_of(city) == WHERE_THEY_LIE
    drawn = json.loads(city.query("areas", layer="ward")[0]["geojson"])
    assert shapely.geometry.shape(drawn).is_valid


def test_polygons_of_one_id_are_merged_and_said(city: LittleCity):
    city.write("wards.geojson", collection([*wards(), feature(square(-87.64, 41.80), area_id="3")]))
    city.set("areas.ward", 'path = "wards.geojson"\nname = "coalesce(name, \'East\')"')
    city.write("buildings.csv", BUILDINGS + "B7,-87.63,41.81,Far House,,\n")
    report = assert_published(city)
    tally = report.tallies["areas"]
    assert (tally.read, tally.kept, tally.merged) == (4, 3, 1)
    assert [(row.reason, row.count) for row in tally.warnings] == [
        ("shares its id with another and was merged", 1)
    ]
    assert areas_of(city) == WHERE_THEY_LIE | {"B7": "3"}
    assert city.query("areas", layer="ward")[2]["name"] == "Ward 3"


@pytest.mark.parametrize("geometry", [None, FLAT, {"type": "Polygon", "coordinates": []}])
def test_area_without_any_area_is_rejected(city: LittleCity, geometry: dict | None):
    city.write("wards.geojson", collection([*wards(), feature(geometry, area_id="4", name="No")]))
    report = assert_published(city)
    assert (report.tallies["areas"].kept, report.tallies["areas"].rejected) == (3, 1)
    (row,) = city.rejected("areas")
    assert (row["row"], row["column"]) == ("5", "geometry")
    assert row["reason"] == "has no area; draw it as a polygon, or leave it out with `where`"


def test_other_coordinate_system_that_the_file_states(city: LittleCity):
    write_projected(city, ILLINOIS_EAST, "urn:ogc:def:crs:EPSG::3435")
    assert_published(city)
    assert areas_of(city) == WHERE_THEY_LIE


def test_other_coordinate_system_that_city_toml_states(city: LittleCity):
    write_projected(city, ILLINOIS_EAST, None)
    city.set("areas.ward", f'path = "wards.geojson"\ncrs = "{ILLINOIS_EAST}"')
    assert_published(city)
    assert areas_of(city) == WHERE_THEY_LIE


def test_other_coordinate_system_of_a_shapefile(city: LittleCity):
    projected(26916).to_file(city.folder / "wards.shp")
    city.set("areas.ward", 'path = "wards.shp"')
    assert_published(city)
    assert areas_of(city) == WHERE_THEY_LIE


def test_other_coordinate_system_that_nobody_states(city: LittleCity):
    write_projected(city, ILLINOIS_EAST, None)
    assert_refused(
        city,
        "wards.geojson is not in degrees (it reaches from 1156883, 1870347 to 1173296, 1877761)",
        'add crs = "EPSG:…" for it in city.toml',
    )


def test_coordinate_systems_that_contradict_each_other(city: LittleCity):
    write_projected(city, ILLINOIS_EAST, "urn:ogc:def:crs:EPSG::3435")
    city.set("areas.ward", 'path = "wards.geojson"\ncrs = "EPSG:26916"')
    assert_refused(city, "Illinois East", "city.toml says EPSG:26916; remove `crs`")


def test_buildings_in_feet_are_converted_where_the_city_says_so(city: LittleCity):
    place = gpd.GeoSeries(gpd.points_from_xy([-87.695], [41.805]), crs="EPSG:4326")
    x, y = place.to_crs(ILLINOIS_EAST).get_coordinates().iloc[0]
    assert x > 1e6
    city.write("buildings.csv", f"building_id,longitude,latitude\nB1,{x},{y}\n")
    city.set("sources.buildings", f'path = "buildings.csv"\ncrs = "{ILLINOIS_EAST}"')
    city.remove("sources.targets", "sources.accounts")
    assert_published(city)
    (building,) = city.buildings()
    assert building["longitude"] == pytest.approx(-87.695, abs=1e-6)
    assert building["latitude"] == pytest.approx(41.805, abs=1e-6)
    assert building["area_id"] == "1"


UNUSABLE = {
    "points": (
        [feature({"type": "Point", "coordinates": [-87.69, 41.81]}, area_id="1", name="x")],
        "holds Point where areas need polygons",
    ),
    "nothing": ([], "holds no shapes; export it with its polygons"),
    "no shapes": ([feature(None, area_id="1", name="x")], "holds no shapes"),
    "no ids": (
        [feature(square(-87.70, 41.80), name="x")],
        "areas.ward.id = 'area_id' fails over wards.geojson. DuckDB says: Binder Error",
    ),
    "ids that are empty": (
        [feature(square(-87.70, 41.80), area_id=value, name="x") for value in (None, "")],
        "no area is left to use; look at `where` and `id`",
    ),
    "reserved id": (
        [feature(square(-87.70, 41.80), area_id=value, name="x") for value in ("1", "Outside")] * 2,
        "areas: 2 of 4 rows were rejected",
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_areas_that_cannot_be_used(city: LittleCity, case: str):
    features, words = UNUSABLE[case]
    city.write("wards.geojson", collection(features))
    assert_refused(city, "wards.geojson", words)


def test_areas_file_cut_short(city: LittleCity):
    city.write("wards.geojson", collection(wards())[:200])
    assert_refused(city, "wards.geojson cannot be read as a map file", "export it anew")


def test_a_building_just_outside_is_snapped_and_marked(city: LittleCity):
    city.write("buildings.csv", BUILDINGS + "B7,-87.6395,41.81,Near House,,\n")
    report = assert_published(city)
    assert report.tallies["buildings"].warnings[0].reason == (
        "lies just outside every area and was snapped"
    )
    near = city.buildings()[-1]
    assert (near["area_id"], near["is_snapped"]) == ("3", True)


def test_second_layer_counts_what_it_does_not_hold_as_outside(city: LittleCity):
    city.write("zones.geojson", collection([feature(square(-87.70, 41.80), area_id="Z", name="Z")]))
    city.set("areas.zone", 'path = "zones.geojson"')
    assert_published(city)
    rows = city.buildings(Filters(AS_OF, "zone"))
    # The third lies 415 m outside it and is snapped, as it would be in the first layer.
    assert [row["area_name"] for row in rows] == ["Z"] * 3 + ["Outside"] * 3


def test_area_that_the_file_itself_states_is_compared(city: LittleCity):
    rows = [
        line + "," + value
        for line, value in zip(
            BUILDINGS.splitlines(), ["ward_no", "1", "Ward 1", "2", "3", "", "3"], strict=True
        )
    ]
    city.write("buildings.csv", "\n".join(rows) + "\n")
    city.set("sources.buildings.columns", 'ward = "ward_no"')
    report = assert_published(city)
    assert [(row.reason, row.count) for row in report.tallies["buildings"].warnings] == [
        ("names another ward than the polygon it lies in; the polygon counts", 1)
    ]


POPULATION = 'population = { path = "people.csv", key = "ward", value = "people" }'


def test_population_of_a_second_file(city: LittleCity):
    city.write("people.csv", "ward,people\n1,100\n2,-5\n3,many\n1,900\n")
    city.set("areas.ward", f'path = "wards.geojson"\n{POPULATION}')
    report = assert_published(city)
    population = [row["population"] for row in city.query("areas", layer="ward")]
    assert population[0] == 100
    assert all(value != value for value in population[1:])  # NaN
    assert [(row.reason, row.count) for row in report.tallies["areas"].warnings] == [
        ("has no number for an area", 2),
        ("stands there again; the first number counts", 1),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "people.csv is not there; put the file in place or mend its path"),
        ("a,b\n1,2\n", "areas.ward.population.key = 'ward' fails over people.csv"),
    ],
)
def test_population_file_that_cannot_be_used(city: LittleCity, content: str | None, words: str):
    if content is not None:
        city.write("people.csv", content)
    city.set("areas.ward", f'path = "wards.geojson"\n{POPULATION}')
    assert_refused(city, words)


def test_a_point_on_a_shared_border_counts_once():
    rows = gpd.GeoDataFrame.from_features(wards(), crs="EPSG:4326").assign(population=None)
    layer = make_layer("ward", rows)
    point = gpd.GeoSeries(gpd.points_from_xy([-87.68], [41.81]), crs="EPSG:4326")
    assert place(point, layer, 500)["area_id"].tolist() == ["1"]
