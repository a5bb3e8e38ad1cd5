"""How each figure is made, in plain words, once: pages show it beside the figure, docs list it.

A module here holds the figures of one page. Numbers that a city may set stand in the texts as
``{key}`` or ``{table.key}`` of ``[settings]`` in city.toml.
"""

from __future__ import annotations

from dataclasses import dataclass

from pppdash.city import Settings


@dataclass(frozen=True)
class Explanation:
    """How one figure is made.

    Attributes
    ----------
    name
        What pages ask for it by: page and figure, for example ``"sector_gaps.ranking"``.
    title
        What the figure is called.
    how
        What is counted, and what is done with the counts.
    certainty
        Where its interval or verdict comes from, and when there is none.
    limits
        What it does not show.
    source
        The literature or the library behind it.
    settings
        Keys of ``[settings]`` that shape the figure.
    """

    name: str
    title: str
    how: str
    certainty: str = ""
    limits: str = ""
    source: str = ""
    settings: tuple[str, ...] = ()

    def paragraphs(self, settings: Settings) -> tuple[str, ...]:
        """Return the texts that are not empty, with a city's own settings in their places."""
        texts = (self.how, self.certainty, self.limits, self.source, self._shaped_by(settings))
        return tuple(text.format_map(vars(settings)) for text in texts if text)

    def _shaped_by(self, settings: Settings) -> str:
        values = [f"{key.replace('.', ' ')} {_value(settings, key)}" for key in self.settings]
        return f"Settings: {', '.join(values)}." if values else ""


def _value(settings: Settings, key: str) -> object:
    value: object = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value
