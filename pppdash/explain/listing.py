"""Every explanation by its name."""

from pppdash.explain import Explanation, coverage, sector_gaps

_PAGES = (coverage, sector_gaps)

EXPLANATIONS: dict[str, Explanation] = {
    explanation.name: explanation for page in _PAGES for explanation in page.EXPLANATIONS
}
