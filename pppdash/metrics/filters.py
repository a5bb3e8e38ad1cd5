"""What every number is asked for: one date, and which part of the city."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Filters:
    """As of when, and for which part of the city; an empty tuple means all.

    ``areas`` are area ids of ``layer``.
    """

    as_of: date
    layer: str | None = None
    areas: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    size_bands: tuple[str, ...] = ()

    def params(self) -> dict[str, Any]:
        """Return the filters as the bound parameters that queries name."""
        return {
            "as_of": self.as_of,
            "layer": self.layer,
            "areas": list(self.areas) or None,
            "sectors": list(self.sectors) or None,
            "size_bands": list(self.size_bands) or None,
        }

    @property
    def is_whole_city(self) -> bool:
        """Whether nothing but the date is filtered."""
        return not (self.areas or self.sectors or self.size_bands)
