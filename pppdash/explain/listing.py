"""Every explanation by its name."""

from pppdash.explain import Explanation, coverage, flash_points, sector_gaps, survey

_PAGES = (coverage, flash_points, sector_gaps, survey)

EXPLANATIONS: dict[str, Explanation] = {
    explanation.name: explanation for page in _PAGES for explanation in page.EXPLANATIONS
}
