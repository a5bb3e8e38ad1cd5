"""Texts from a city's files, made safe for the place where they will stand."""

from __future__ import annotations

import json
import re
import textwrap
from html import escape
from typing import Any

# What HTML, a JavaScript template literal or streamlit-folium's renaming of ``_hexdigits`` could
# take for its own. None of them is part of JSON's own grammar, so all may be escaped.
_RISKY = re.compile("[<>&'`$_]")


def plot_text(text: str) -> str:
    """Return ``text`` for Plotly, which reads tags such as ``<b>`` and values such as ``%{y}``."""
    return escape(str(text), quote=False).replace("%{", "&#37;{")


def wrapped(text: str, width: int = 24) -> str:
    """Return ``text`` for a Plotly label, broken into lines of about ``width`` letters."""
    return "<br>".join(plot_text(line) for line in textwrap.wrap(str(text), width)) or ""


def script_json(value: Any) -> str:
    r"""Return ``value`` as JSON that can stand inside a script, a template and an attribute.

    Examples
    --------
    >>> print(script_json("</b>`"))
    "\u003c/b\u003e\u0060"
    """
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return _RISKY.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
