"""How the figures of flash points are made."""

from pppdash.explain import Explanation

_WINDOWS = ("windows.planned_before", "windows.planned_after", "windows.other_after")

EXPLANATIONS = (
    Explanation(
        "flash_points.interim",
        "New accounts a month, outside windows",
        "Accounts opened in the whole months that lie in no flash point's window, divided by how "
        "many months these are. Steadiness divides that by the same rate over all whole months.",
        "The 95% interval takes into account that such months differ more than by chance alone, "
        "and that neighbors resemble each other. Where too few months are left there is none.",
        "It does not say what the rate would be had there been no flash points at all: partners "
        "who joined in a window cannot join again later.",
    ),
    Explanation(
        "flash_points.expected",
        "What was expected without the events",
        "A planned event's window runs from {windows.planned_before} months before its month to "
        "{windows.planned_after} after, never before the program's launch; that of anything else "
        "from its month to {windows.other_after} after. The months outside all windows, without "
        "those in which a rise still fades, are fitted by a trend and the time of year, as far "
        "as there are months and accounts enough, in proportion to the targets that had not "
        "enrolled yet. The dashed line is that fit in every month.",
        "The band holds 95 of 100 single months in which nothing happened. It widens where "
        "months scatter, and with the distance from the months that were fitted.",
        "A model of what did not happen: it knows of no change but trend and time of year.",
        "Quasi-Poisson regression (McCullagh and Nelder 1989), its errors correlated from month "
        "to month.",
        _WINDOWS,
    ),
    Explanation(
        "flash_points.verdict",
        "Excess, its rank and the verdict",
        "Excess is what was opened in a window's whole months, less what was expected of them. "
        "It is ranked among all windows of the same length that no flash point touches, each "
        "measured as if it had been one. Windows that overlap count as one.",
        "A rise or a fall is said only where two things hold: the model gives an excess as large "
        "at most 5 chances in 100, corrected for the number of windows looked at, and at most 5 "
        "in 100 other windows lie as far from what was expected. With fewer than 19 other "
        "windows, or too few independent months, the answer is that there is too little data.",
        "What coincided with an event need not have been caused by it. No detectable change is "
        "not the same as no change.",
        "Benjamini and Hochberg (1995), by scipy.",
        _WINDOWS,
    ),
    Explanation(
        "flash_points.shape",
        "When a rise begins and how it fades",
        "A rise begins with the first of the unbroken run of months above the 95% band that "
        "leads up to its peak. “Halves in” is the half-life of what lies above the level that "
        "these months settle at, from the peak on, until the next window begins and for three "
        "years at most.",
        "The half-life has a 95% interval. Where that has no end the data fit a quick fading "
        "as well as a slow one, and the page says not identifiable.",
        "It is told of a rise alone: there is nothing to fade where none could be detected.",
        "Profile likelihood of an exponential decay (Venzon and Moolgavkar 1988).",
    ),
    Explanation(
        "flash_points.lasted",
        "What lasted",
        "Each account is followed from the day it was opened until it ended, or until the date "
        "of this page where it has not. A line is the share still active so many months on; "
        "accounts that were followed for less count for as long as they were.",
        "95% intervals; with few accounts they are wide, and nothing can be told from them.",
        "Active says that an account has not ended, not that anybody used it.",
        "Kaplan and Meier (1958), with the log-log interval, by statsmodels.",
    ),
    Explanation(
        "flash_points.tried",
        "A date of your own",
        "The date is measured as if it were one more flash point: its window's months leave the "
        "baseline, and its excess is ranked among the windows that are left.",
        "The verdict asks for the same as that of a real flash point.",
        "Dates picked because the chart rises there will look like a rise.",
        "",
        _WINDOWS,
    ),
)
