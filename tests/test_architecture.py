"""The house as docs/architecture.md draws it, held against the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pppdash"

# Each package may import those before it, and nothing after it.
ORDER = [
    "errors",
    "safe_text",
    "city",
    "sources",
    "warehouse",
    "metrics",
    "analysis",
    "findings",
    "explain",
    "views",
    "ui",
]
BESIDE = {
    "sample": {"errors", "city"},  # makes a city's files, and knows nothing of what reads them
    "metrics": {"errors", "metrics"},
    "analysis": {"errors", "metrics", "analysis"},
    "explain": {"city"},
    "command_line": {*ORDER, "sample"} - {"views", "ui"},  # the same numbers without a screen
}
HOMES = {
    "streamlit": {"app.py", "pages", "pppdash/ui"},
    "streamlit_folium": {"app.py", "pages", "pppdash/ui"},
    "duckdb": {"pppdash/warehouse", "pppdash/sources/read.py"},
    "folium": {"pppdash/views"},
    "branca": {"pppdash/views"},
    "plotly": {"pppdash/views"},
}
PURE = {"numpy", "pandas", "scipy", "statsmodels", "sklearn", "highspy", "pppdash"}
SCRIPTS = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]
SOURCES = [*sorted(PACKAGE.rglob("*.py")), *SCRIPTS]


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _part(module: str) -> str | None:
    """The part of the house that a module of ours belongs to."""
    pieces = module.split(".")
    return pieces[1] if pieces[0] == "pppdash" and len(pieces) > 1 else None


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=_name)
def test_imports_point_one_way(path):
    part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if part in ("__main__", "__init__"):
        return
    allowed = BESIDE.get(part) or set(ORDER[: ORDER.index(part) + 1])
    reached = {_part(module) for module in _imports(path)} - {None}
    assert reached <= allowed | {part}, f"{_name(path)} imports {reached - allowed}"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_libraries_stay_at_home(path):
    for module in _imports(path):
        homes = HOMES.get(module.split(".")[0])
        assert homes is None or any(_name(path).startswith(home) for home in homes), module


@pytest.mark.parametrize(
    "path", [*(PACKAGE / "metrics").glob("*.py"), *(PACKAGE / "analysis").glob("*.py")], ids=_name
)
def test_metrics_and_analysis_know_no_screen_and_no_database(path):
    import sys

    for module in _imports(path):
        library = module.split(".")[0]
        assert library in PURE or library in sys.stdlib_module_names, module


@pytest.mark.parametrize("path", SCRIPTS, ids=_name)
def test_pages_are_short_scripts(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    banned = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Try)
    assert not [node for node in ast.walk(tree) if isinstance(node, banned)]
    assert len(text.splitlines()) <= 60
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    assert "open_page" in names


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_the_code_knows_no_city(path):
    assert "Chicago" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_sql_stays_where_it_is_assembled(path):
    """A string that begins like a statement stands only where the design allows SQL."""
    homes = ("pppdash/warehouse/", "pppdash/metrics/compute.py", "pppdash/sources/")
    if _name(path).startswith(homes):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            start = node.value.lstrip().lower()
            assert not start.startswith(("select ", "insert into", "create table", "with ")) or (
                " from " not in start
            ), f"{_name(path)}:{node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_no_error_is_swallowed(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{_name(path)}:{node.lineno} catches everything"
            assert not all(isinstance(line, ast.Pass) for line in node.body), node.lineno
