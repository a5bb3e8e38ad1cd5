"""How figures are made: every text can be filled in, and every page finds what it asks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pppdash.city import Settings
from pppdash.explain.listing import EXPLANATIONS

ROOT = Path(__file__).parent.parent.parent
SHOWN = re.compile(r"show\.explain\(\s*page,([^)]*)\)")


@pytest.mark.parametrize("name", EXPLANATIONS)
def test_a_citys_settings_fill_the_texts(name):
    paragraphs = EXPLANATIONS[name].paragraphs(Settings())
    assert paragraphs[0].strip()
    assert not any("{" in text for text in paragraphs)


def test_a_citys_own_value_is_said():
    said = " ".join(EXPLANATIONS["coverage.shrunken"].paragraphs(Settings(min_targets=25)))
    assert "fewer than 25 targets" in said
    assert "min_targets 25" in said


def test_pages_and_explanations_agree():
    scripts = [ROOT / "app.py", *(ROOT / "pages").glob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in scripts)
    asked = {name for group in SHOWN.findall(text) for name in re.findall(r'"([^"]+)"', group)}
    assert asked == set(EXPLANATIONS), "one is asked for that is not there, or never shown"
