"""Docs that cannot go stale."""

from __future__ import annotations

import argparse
import inspect
import re
import textwrap
from pathlib import Path

import pytest
import streamlit.web.bootstrap

from pppdash.__main__ import _parser, main
from pppdash.sources.contracts import SECTORS
from scripts import make_pictures
from scripts.make_docs import PARTS, fill

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "data").rglob("*.md")]


@pytest.mark.parametrize("name", PARTS)
def test_generated_parts_are_up_to_date(name):
    path, text, fresh = fill(name)
    assert text == fresh, f"{path.name} is out of date; run: make docs"


@pytest.mark.parametrize("name", make_pictures.PICTURES)
def test_drawn_pictures_are_up_to_date(name):
    kept = (make_pictures.FOLDER / name).read_text(encoding="utf-8")
    assert kept == make_pictures.PICTURES[name](), f"{name} is out of date; run: make docs"


def test_every_command_and_option_is_documented():
    commands = next(
        action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    for name, parser in commands.choices.items():
        assert f"python -m pppdash {name}" in README, name
        for action in parser._actions:
            for option in action.option_strings:
                assert option in ("-h", "--help") or option in README, f"{name} {option}"


def test_the_16_sectors_are_listed():
    text = " ".join((ROOT / "docs" / "data.md").read_text(encoding="utf-8").split())
    assert all(sector in text for sector in SECTORS)


def test_the_readmes_example_prints_what_it_shows(sample_city, monkeypatch, capsys):
    command, shown = re.search(
        r"\$ python -m pppdash (.*csv)\n((?: {4}[^$].*\n)+)", README
    ).groups()
    monkeypatch.setenv("PPPDASH_CITY", str(sample_city))
    assert main(command.split()) == 0
    printed = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    expected = [line.split(",") for line in textwrap.dedent(shown).splitlines()]
    assert printed[0] == expected[0]
    assert [float(x) for x in printed[1]] == pytest.approx([float(x) for x in expected[1]])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_docs_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), target


def test_the_drawn_house_is_the_one_that_stands():
    drawn = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for path in (ROOT / "pppdash").iterdir():
        if path.name not in ("__init__.py", "__pycache__"):
            assert path.name in drawn, path.name
    for path in (ROOT / "pppdash" / "sources").glob("[a-z]*.py"):
        assert path.name in drawn, path.name


def test_every_requirement_has_a_use():
    """A library that nothing imports, and that no import needs to be named for, goes."""
    modules = {
        "PyYAML": "yaml",
        "scikit-learn": "sklearn",
        "streamlit-folium": "streamlit_folium",
        "XStatic-Leaflet": "xstatic",
    }
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("pppdash", "pages", "scripts")
        for path in (ROOT / folder).rglob("*.py")
    )
    code += inspect.getsource(streamlit.web.bootstrap)  # takes uvloop where it is there
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            assert version, f"{name} is not pinned"
            module = modules.get(name, name)
            assert re.search(rf"^\s*(?:import|from) {module}\b", code, re.MULTILINE), name
