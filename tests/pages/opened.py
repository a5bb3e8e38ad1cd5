"""A page opened as a browser asks for it, and what it says."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


def open_at(monkeypatch, city: Path, path: str, **query: object) -> AppTest:
    """Run a page of a city's, with what its link says."""
    monkeypatch.setenv("PPPDASH_CITY", str(city))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if path != "app.py":
        app.switch_page(path)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def text_of(app: AppTest) -> str:
    """All HTML of a page."""
    return "\n".join(element.proto.body for element in app.get("html"))
