"""Every explanation by its name."""

from pppdash.explain import Explanation, coverage, survey

_PAGES = (coverage, survey)

EXPLANATIONS: dict[str, Explanation] = {
    explanation.name: explanation for page in _PAGES for explanation in page.EXPLANATIONS
}
