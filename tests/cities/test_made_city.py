"""A small city of XLSX, Parquet and a Shapefile in a projected CRS, from configuration alone."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from pppdash.city import load_city
from pppdash.metrics.compute import compute
from pppdash.metrics.filters import Filters
from pppdash.warehouse.build import build_city
from pppdash.warehouse.read import open_warehouse

CONFIG = """
name = "Fordham"
launched_on = 2020-01-01

[goal]
coverage = 0.5
due = 2025-12-31

[areas.borough]
path = "boroughs.shp"
id = "CODE"
name = "upper(LABEL)"
population = "RESIDENTS"

[sources.buildings]
path = "register.xlsx"
sheet = "Buildings"
crs = "EPSG:27700"
[sources.buildings.columns]
building_id = "Ref"
name = "Title"
longitude = "Easting"
latitude = "Northing"
employees = "Staff"
sector = { from = "Use", crosswalk = "uses.csv" }

[sources.accounts]
path = "accounts.parquet"
where = "kind = 'member'"
qualify = "row_number() over (partition by account_id order by version desc) = 1"
"""
WEST, SOUTH, SIDE = 530_000, 180_000, 1_000  # British National Grid, meters


@pytest.fixture
def made_city(tmp_path: Path) -> Path:
    _write_boroughs(tmp_path / "boroughs.shp")
    _write_register(tmp_path / "register.xlsx")
    _write_accounts(tmp_path / "accounts.parquet")
    (tmp_path / "uses.csv").write_text("from,to\nClinic,Healthcare and Public Health\n")
    (tmp_path / "city.toml").write_text(CONFIG)
    return tmp_path


def _write_boroughs(path: Path) -> None:
    boxes = [
        shapely.box(WEST + n * SIDE, SOUTH, WEST + (n + 1) * SIDE, SOUTH + SIDE) for n in range(2)
    ]
    frame = {"CODE": ["W", "E"], "LABEL": ["west", "east"], "RESIDENTS": [100.0, 250.0]}
    gpd.GeoDataFrame(frame, geometry=boxes, crs="EPSG:27700").to_file(path)


def _write_register(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    sheet = book.create_sheet("Buildings")
    sheet.append(["Ref", "Title", "Easting", "Northing", "Staff", "Use", "Seen"])
    rows = [
        (7, "Old Mill", WEST + 100, SOUTH + 100, 12, "Clinic"),
        (8, "New Mill", WEST + 200.5, SOUTH + 900, 300, "Clinic"),
        (9, "Quay", WEST + 1500, SOUTH + 500, None, "Boathouse"),
        (10, "Pier", WEST + 2100, SOUTH + 500, 60, None),  # 100 m east of the last borough
    ]
    for row in rows:
        sheet.append([*row, datetime(2024, 5, 1)])
    book.save(path)


def _write_accounts(path: Path) -> None:
    pd.DataFrame(
        {
            "account_id": ["a", "a", "b", "c", "d"],
            "building_id": pd.array([7, 7, 9, 10, 8], dtype="Int64"),
            "version": [1, 2, 1, 1, 1],
            "kind": ["member", "member", "member", "member", "visitor"],
            "enrolled_on": pd.to_datetime(
                ["2020-02-01", "2020-02-01", "2021-07-15", "2021-07-16", "2020-01-01"]
            ),
            "ended_on": [None, date(2021, 7, 15), None, None, None],
        }
    ).to_parquet(path)


def test_a_city_of_workbook_parquet_and_shapefile(made_city):
    report = build_city(load_city(made_city))
    assert report.published, report.errors
    counts = report.as_dict()["entities"]
    assert counts["areas"] | {"warnings": 0} == _counts(read=2, kept=2)
    assert counts["buildings"] == _counts(
        read=4, kept=4, warnings=2
    )  # one snapped, one unknown use
    assert counts["accounts"] == _counts(read=5, kept=3, excluded=2)
    with closing(open_warehouse(made_city)) as warehouse:
        assert warehouse.build.as_of == date(2021, 7, 16)
        today = Filters(warehouse.build.as_of)
        whole = compute(
            warehouse, ["targets", "targets_enrolled", "accounts_ended", "shortfall"], [], today
        )
        assert whole.iloc[0].tolist() == [4, 2, 1, 0]
        by_area = compute(warehouse, ["targets", "targets_enrolled"], ["borough"], today)
        assert by_area.to_numpy().tolist() == [["E", "EAST", 2, 2], ["W", "WEST", 2, 0]]
        by_sector = compute(warehouse, ["targets"], ["sector", "size_band"], today)
        assert by_sector.to_numpy().tolist() == [
            ["Healthcare and Public Health", "large", 1],
            ["Healthcare and Public Health", "small", 1],
            ["Unclassified", "Unknown", 1],
            ["Unclassified", "mid-sized", 1],
        ]
        before = compute(warehouse, ["targets_enrolled"], [], Filters(date(2021, 7, 14)))
        assert before.iloc[0, 0] == 1
        areas = warehouse.query("areas", layer="borough")
        assert areas["population"].tolist() == [250.0, 100.0]


def _counts(**given: int) -> dict[str, int]:
    names = ("read", "kept", "excluded", "merged", "rejected", "warnings")
    return {name: given.get(name, 0) for name in names}
