"""How the figures of Sector gaps are made."""

from pppdash.explain import Explanation

EXPLANATIONS = (
    Explanation(
        "sector_gaps.representation",
        "Against the rest",
        "The coverage of one part (a sector, a size band, a sector in an area) divided by the "
        "coverage of everything else selected. 1 is like the rest, 0.5 half of it. Targets that "
        "say no sector count towards the rest of the others.",
        "The interval is the score interval of a ratio at 95%. A part is called behind or ahead "
        "only where q ≤ .05: p by Fisher's exact test, corrected for how many parts are looked at "
        "(Benjamini and Hochberg), so that chance alone names any in at most 5 of 100 cities. “Too "
        "little data”: its size would leave it without any enrollment by chance alone in more "
        "than 5 of 100 cases, so not even that would have shown.",
        "It compares; it does not explain. Sectors differ in size and place too, and a part with "
        "few targets can be far behind without its being told apart from chance. The interval is "
        "not corrected, so one that leaves 1 out is not yet a verdict.",
        "Koopman (1984), Miettinen and Nurminen (1985); Fisher's test and the correction by scipy.",
    ),
    Explanation(
        "sector_gaps.shortfall",
        "Still to enroll",
        "Goal times targets, minus those enrolled; the most specific goal of area, sector and city "
        "holds. Without a goal: what is missing to the city's coverage, which is also what "
        "“expected” goes by.",
        limits="Of each cell itself: the cells' shortfalls do not add up to the city's. A large "
        "cell has a large one even where its coverage is ahead of the rest.",
    ),
    Explanation(
        "sector_gaps.ranking",
        "Order of the gaps",
        "Goal minus steadied coverage, times targets. Steadying draws the coverage of small cells "
        "towards that of all cells shown, so that a zero of 3 does not outrank a zero of 60. The "
        "bar is what was counted; the order is what it is worth.",
        "Cells of fewer than {min_targets} targets are called unreliable, never left out.",
        "“Expected” is what the whole city's coverage would have enrolled among as many targets; "
        "a cell above it is a gap by its size alone, and says so.",
        "Beta-binomial empirical Bayes by moments (Martuzzi and Elliott 1996).",
        ("min_targets",),
    ),
    Explanation(
        "sector_gaps.memberships",
        "Members of other programs",
        "Targets not enrolled on the date that belong to another program, themselves or through "
        "their building. One that belongs to several counts under each, and once in all.",
        limits="Memberships carry no dates: they are today's at every date. A building's "
        "membership counts for each of its targets.",
    ),
    Explanation(
        "sector_gaps.quiet",
        "Accounts gone quiet",
        "Accounts that are active on the date and had no activity for more than "
        "{dormant_after_days} days. They still count as enrolled: once they end, the gap grows.",
        limits="Accounts that do not say when they were last active are left out. Only the latest "
        "activity is on record, so at an earlier date one that was quiet then and active later is "
        "not listed.",
        settings=("dormant_after_days",),
    ),
)
