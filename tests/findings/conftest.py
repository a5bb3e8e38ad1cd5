from __future__ import annotations

from tests.helpers import built_city, city

__all__ = ["built_city", "city"]
