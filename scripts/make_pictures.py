"""Draw the pictures of the docs that are no screenshots: ``make docs``.

One so far, of why the map is fast: how the file lies, what a view reads of it, what travels.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from pppdash.metrics.viewport import MOST_BUILDINGS, MOST_CELLS
from pppdash.views.theme import FONT, LIGHT

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
BITS = 4
SIDE = 2**BITS  # points across the drawn city
IN_GROUP = 8  # points in a drawn row group
VIEW = (5, 6, 8, 9)  # west, north, east, south of what is in view, in points
STEP, LEFT, TOP = 22, 24, 84
FILE_X, TRAVEL_X = 452, 640


def main() -> None:
    """Write every picture."""
    for name, draw in PICTURES.items():
        (FOLDER / name).write_text(draw(), encoding="utf-8")


def why_the_map_is_fast() -> str:
    """Return a drawing of the curve, the row groups that a view reads, and what is sent."""
    points = [_point(place) for place in range(SIDE * SIDE)]
    groups = [points[i : i + IN_GROUP] for i in range(0, len(points), IN_GROUP)]
    read = [_meets_view(group) for group in groups]
    parts = [*_city(points, groups, read), *_file(read), *_travel()]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 470" '
        f'font-family="{escape(FONT)}" font-size="13" fill="{LIGHT.ink}" '
        f'role="img" aria-label="{escape(_alt(read))}">'
        f'<rect width="960" height="470" rx="6" fill="{LIGHT.ground}"/>{"".join(parts)}</svg>\n'
    )


def _point(place: int) -> tuple[int, int]:
    """Return where a place of the Z-order curve lies: its even bits are x, its odd ones y."""
    x = sum(((place >> (2 * bit)) & 1) << bit for bit in range(BITS))
    y = sum(((place >> (2 * bit + 1)) & 1) << bit for bit in range(BITS))
    return x, y


def _meets_view(group: list[tuple[int, int]]) -> bool:
    """Say what DuckDB asks of a row group's smallest and largest x and y."""
    west, north, east, south = VIEW
    xs, ys = [x for x, _ in group], [y for _, y in group]
    return min(xs) <= east and max(xs) >= west and min(ys) <= south and max(ys) >= north


def _city(
    points: list[tuple[int, int]], groups: list[list[tuple[int, int]]], read: list[bool]
) -> list[str]:
    found = [_title(LEFT, "1  Buildings lie along a curve", "near on the map, near in the file")]
    for group, is_read in zip(groups, read, strict=True):
        xs, ys = [x for x, _ in group], [y for _, y in group]
        wide, tall = max(xs) - min(xs) + 1, max(ys) - min(ys) + 1
        fill = LIGHT.accent_soft if is_read else LIGHT.panel
        found.append(
            f'<rect x="{LEFT + STEP * min(xs) + 1}" y="{TOP + STEP * min(ys) + 1}" '
            f'width="{STEP * wide - 2}" height="{STEP * tall - 2}" fill="{fill}"/>'
        )
    line = " ".join(
        f"{LEFT + STEP * x + STEP // 2},{TOP + STEP * y + STEP // 2}" for x, y in points
    )
    found.append(f'<polyline points="{line}" fill="none" stroke="{LIGHT.quiet}"/>')
    west, north, east, south = VIEW
    found.append(
        f'<rect x="{LEFT + STEP * west}" y="{TOP + STEP * north}" '
        f'width="{STEP * (east - west + 1)}" height="{STEP * (south - north + 1)}" fill="none" '
        f'stroke="{LIGHT.ink}" stroke-width="2.5"/>'
    )
    label_y = TOP + STEP * SIDE + 18
    return [*found, _text(LEFT, label_y, "outlined: what is in view", LIGHT.quiet)]


def _file(read: list[bool]) -> list[str]:
    tall = STEP * SIDE / len(read)
    found = [_title(FILE_X, "2  Few are read", f"{sum(read)} of {len(read)} row groups")]
    for i, is_read in enumerate(read):
        fill = LIGHT.accent if is_read else LIGHT.panel
        found.append(
            f'<rect x="{FILE_X}" y="{TOP + tall * i + 1:.1f}" width="120" '
            f'height="{tall - 2:.1f}" fill="{fill}"/>'
        )
    label_y = TOP + STEP * SIDE + 18
    return [*found, _text(FILE_X, label_y, "by smallest and largest x and y", LIGHT.quiet)]


def _travel() -> list[str]:
    rows = (
        ("Once, then from the browser's cache", "Leaflet, the map's script, outlines of areas"),
        ("Once a page", "classes and words of the areas, months"),
        (
            "At each pan or zoom",
            f"at most {MOST_CELLS:,} cells or {MOST_BUILDINGS:,} buildings,",
            "whatever the size of the city",
        ),
        ("While the zoom is still moving", "the next view is asked for; old marks stay"),
    )
    found, y = [_title(TRAVEL_X, "3  Little travels", "and none of it runs the page")], TOP + 18
    for head, *lines in rows:
        found.append(
            f'<rect x="{TRAVEL_X}" y="{y - 13}" width="3" height="{22 + 19 * len(lines)}"'
            f' fill="{LIGHT.accent}"/>'
        )
        found.append(_text(TRAVEL_X + 14, y, head, LIGHT.ink, "600"))
        for line in lines:
            y += 19
            found.append(_text(TRAVEL_X + 14, y, line, LIGHT.quiet))
        y += 50
    return found


def _title(x: int, title: str, subtitle: str) -> str:
    return _text(x, 38, title, LIGHT.ink, "700", 16) + _text(x, 60, subtitle, LIGHT.quiet)


def _text(x: float, y: float, text: str, color: str, weight: str = "400", size: int = 13) -> str:
    return (
        f'<text x="{x}" y="{y}" fill="{color}" font-weight="{weight}" font-size="{size}">'
        f"{escape(text)}</text>"
    )


def _alt(read: list[bool]) -> str:
    return (
        "Buildings are stored along a curve, so that what is near on the map is near in the file; "
        f"a view reads {sum(read)} of {len(read)} row groups, and a bounded number of cells or "
        "buildings is sent."
    )


PICTURES = {"why_the_map_is_fast.svg": why_the_map_is_fast}


if __name__ == "__main__":
    main()
