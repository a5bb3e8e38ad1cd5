"""How the figures of coverage are made, on whichever page they stand."""

from pppdash.explain import Explanation

EXPLANATIONS = (
    Explanation(
        "coverage.share",
        "Coverage",
        "Targets with at least one active account on the date, divided by all targets on the list "
        "that day. A target with several accounts counts once.",
        "The interval is Wilson's at 95%: what the share may be, were the same chance at work "
        "again. How sure the list of targets is stands beside it as a band of its own.",
        "Active says that an account has not ended, not that anybody used it.",
        "Wilson (1927), by statsmodels.",
    ),
    Explanation(
        "coverage.shrunken",
        "Coverage of small areas, steadied",
        "An area's share is drawn towards the share of all areas shown, the more the fewer "
        "targets it has, and the less the areas differ among themselves.",
        "Areas with fewer than {min_targets} targets are called unreliable, never hidden.",
        "A steadied share is the better guess of an area's true share; it is not what was "
        "counted there.",
        "Beta-binomial empirical Bayes by moments (Martuzzi and Elliott 1996).",
        ("min_targets",),
    ),
)
