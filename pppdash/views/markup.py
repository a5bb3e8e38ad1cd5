"""Values → HTML. The only place that writes a tag, and every text in it is escaped.

No color is written here: the look is ``style.css``, its colors come from :mod:`theme`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

from pppdash.views.parts import Card, Tile, across
from pppdash.views.theme import Palette

STYLE = Path(__file__).with_name("style.css")
MOST_ACROSS = 5
JOINER = "\u2060"  # no line is broken where it stands
_INTERVAL = re.compile(r"(?<=\d)–(?=\d)")


@cache
def stylesheet(colors: Palette) -> str:
    """Return the ``<style>`` element of one mode."""
    names = (
        *("ground", "panel", "ink", "quiet", "rule", "accent", "accent_soft", "gray", "ended"),
        *("amber", "amber_soft", "amber_ink", "badge"),
    )
    variables = "".join(f"--pd-{n.replace('_', '-')}:{getattr(colors, n)};" for n in names)
    return f"<style>:root{{{variables}}}\n{STYLE.read_text(encoding='utf-8')}</style>"


def product(name: str, city: str) -> str:
    """Return the head of the sidebar."""
    return f'<div class="pd-product">{escape(name)}</div><div class="pd-city">{escape(city)}</div>'


def here(name: str) -> str:
    """Return the navigation entry of the page that is open."""
    return f'<span class="pd-here" aria-current="page">{escape(name)}</span>'


def stamp(facts: Sequence[str], badge: str = "") -> str:
    """Return the line that says how fresh the numbers are and whether they are synthetic."""
    mark = f'<span class="pd-badge">{escape(badge)}</span>' if badge else ""
    return f'<div class="pd-stamp"><span>{escape(" · ".join(facts))}</span>{mark}</div>'


def headline(sentence: str) -> str:
    """Return the page's finding as its only first-level heading."""
    return f'<h1 class="pd-headline">{_unbroken(escape(sentence))}</h1>'


def _unbroken(text: str) -> str:
    """Keep the two ends of an interval on one line."""
    return _INTERVAL.sub(f"{JOINER}–{JOINER}", text)


def said(sentences: Sequence[str]) -> str:
    """Return what the page has to say about filters and the link, one line each."""
    return "".join(f'<p class="pd-said">{escape(sentence)}</p>' for sentence in sentences)


def heading(title: str, subtitle: str = "", level: int = 2, kind: str = "") -> str:
    """Return a section's title and subtitle; ``kind`` adds a class for aligned rows."""
    below = f'<p class="pd-subtitle">{escape(subtitle)}</p>' if subtitle else ""
    inner = f'<h{level} class="pd-title">{escape(title)}</h{level}>{below}'
    return f'<div class="{kind}">{inner}</div>' if kind else inner


def foot(text: str) -> str:
    """Return a footnote."""
    return f'<p class="pd-foot">{escape(text)}</p>'


def explanation(title: str, paragraphs: Sequence[str]) -> str:
    """Return how a figure is made, folded up under a line that opens it."""
    inner = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    return (
        f'<details class="pd-how"><summary>How this was made: {escape(title)}</summary>'
        f"{inner}</details>"
    )


def tiles(items: Sequence[Tile]) -> str:
    """Return a row of figures."""
    return f'<div class="pd-tiles">{"".join(_tile(item) for item in items)}</div>'


def _tile(item: Tile) -> str:
    notes = "".join(f'<div class="pd-note">{escape(note)}</div>' for note in item.notes)
    return (
        f'<div><div class="pd-value">{escape(item.value)}</div>'
        f'<div class="pd-label">{escape(item.label)}</div>{notes}</div>'
    )


def cards(items: Sequence[Card]) -> str:
    """Return a grid of fact blocks, in rows of about equal length."""
    side_by_side = across(len(items), MOST_ACROSS)
    inner = "".join(_card(item) for item in items)
    return f'<div class="pd-cards" style="--across:{side_by_side}">{inner}</div>'


def _card(item: Card) -> str:
    rows = "".join(
        f"<div><dt>{escape(term)}</dt><dd>{escape(value)}</dd></div>" for term, value in item.rows
    )
    found = f'<p class="pd-finding">{escape(item.finding)}</p>' if item.finding else ""
    note = f'<p class="pd-subtitle">{escape(item.note)}</p>' if item.note else ""
    weak = "" if item.strong else " pd-weak"
    return (
        f'<div class="pd-card{weak}"><div><h3 class="pd-title">{escape(item.title)}</h3>'
        f"{found}{note}</div>{f'<dl>{rows}</dl>' if rows else ''}</div>"
    )


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    label: str,
    right: frozenset[int] = frozenset(),
    bars: dict[int, Sequence[float]] | None = None,
) -> str:
    """Return a small static table.

    Parameters
    ----------
    heads, rows
        Texts, already in their number forms.
    label
        What the table lists, for screen readers.
    right
        Positions of columns that are set flush right.
    bars
        Position of a column → one share (0..1) a row, drawn as a bar above the text.
    """
    shares = bars or {}
    head = "".join(
        f'<th scope="col"{_flush(i, right)}>{escape(text)}</th>' for i, text in enumerate(heads)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_flush(i, right)}>{_bar(shares[i][r]) if i in shares else ''}{escape(text)}</td>"
            for i, text in enumerate(row)
        )
        + "</tr>"
        for r, row in enumerate(rows)
    )
    return (
        f'<div class="pd-scroll" tabindex="0" role="region" aria-label="{escape(label)}">'
        f'<table class="pd-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _flush(position: int, right: frozenset[int]) -> str:
    return ' class="pd-right"' if position in right else ""


def _bar(share: float) -> str:
    width = 100 * min(1.0, max(0.0, share))
    return f'<span class="pd-bar"><span style="width:{width:.0f}%"></span></span>'


def swatches(classes: Sequence[tuple[str, str]], label: str) -> str:
    """Return the legend of a shading; ``classes`` pairs a color with its text."""
    marks = "".join(
        f'<span><i class="pd-swatch" style="background:{escape(color)}"></i>{escape(text)}</span>'
        for color, text in classes
    )
    head = f"<span>{escape(label)}</span>" if label else ""
    return f'<div class="pd-legend">{head}{marks}</div>'


def marks(kinds: Sequence[tuple[str, str]]) -> str:
    """Return the legend of the buildings; ``kinds`` pairs a status with its text."""
    items = "".join(
        f'<span><i class="pd-mark pd-{escape(status)}"></i>{escape(text)}</span>'
        for status, text in kinds
    )
    return f'<div class="pd-legend">{items}</div>'


def hatch(color: str, text: str) -> str:
    """Return the legend of areas whose class says little."""
    mark = f'<i class="pd-swatch pd-hatch" style="background-color:{escape(color)}"></i>'
    return f'<div class="pd-legend"><span>{mark}{escape(text)}</span></div>'


def nothing(reason: str, what_to_do: str, lines: Sequence[str] = ()) -> str:
    """Return why there is nothing to show and what would change that."""
    code = "".join(f"<div><code>{escape(line)}</code></div>" for line in lines)
    return (
        f'<div class="pd-nothing" role="note"><strong>{escape(reason)}</strong>'
        f"<span>{escape(what_to_do)}</span>{code}</div>"
    )


def picture(source: str, alt: str) -> str:
    """Return an image from a data URI."""
    return f'<img class="pd-smallmap" src="{escape(source)}" alt="{escape(alt)}">'


def trend(source: str, alt: str) -> str:
    """Return a small line from a data URI; nothing where there is none."""
    return f'<img class="pd-trend" src="{escape(source)}" alt="{escape(alt)}">' if source else ""
