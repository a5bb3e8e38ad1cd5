"""Which groups of a survey must be hidden so that no small count can be worked out.

What is published of a wave are counts of one table a segmentation (question by group) with its
totals, and figures of the groups that are shown. So groups are hidden *together*: the same ones for
every question of a wave, and what is shown depends on the hidden ones only as if they were one
group. Which of them one respondent belongs to is then nowhere in what is published. The range that
each hidden count keeps is defined, with the reasons, in
docs/decisions/0012-what-suppression-protects.md; proofs/survey.py attacks it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


def hide(answers: Counts, groups: Counts, min_respondents: int) -> Mask:
    """Find the counts of one wave and one segmentation that may not be shown.

    Parameters
    ----------
    answers
        Questions by groups: how many of each group answered each question.
    groups
        How many of each group answered anything; one that is listed has at least one.
    min_respondents
        Counts below it are hidden, and with them as many groups as it takes.

    Returns
    -------
    np.ndarray of bool
        Questions by groups, true where the count and all that rests on it must be hidden. A
        question with fewer than ``min_respondents`` answers is hidden in all groups; so is one
        that most left out and that would cost groups which the wave's other questions can show.
    """
    if min_respondents <= 1:
        return np.asarray(answers == 0)  # nothing is to be hidden, and of nobody nothing is known
    totals = answers.sum(axis=1)
    is_asked = totals >= min_respondents
    # More left it out than any group holds: the other questions say nothing of who answered it.
    is_loose = is_asked & (groups.sum() - totals >= groups.max(initial=0))
    bound = np.vstack([groups, answers[is_asked & ~is_loose]])
    hidden = _hidden_together(bound, min_respondents)
    is_shown = is_asked & (~is_loose | _fits(answers, hidden, min_respondents))
    return np.asarray(~is_shown[:, None] | hidden[None, :])


def may_be_listed(hidden: Mask, groups: Counts, min_respondents: int) -> bool:
    """Whether the groups of a wave may be named at all.

    Where all are hidden and there are hardly more respondents than groups, each name alone says
    that its group holds about one.
    """
    is_all = bool(hidden.all())
    return not is_all or bool(_covers(groups[None, :], np.ones_like(groups, bool), min_respondents))


def _hidden_together(counts: Counts, least: int) -> Mask:
    """Return the groups to hide: the small ones, and the next smallest until they are enough."""
    hidden = np.asarray((counts < least).any(axis=0))
    by_size = np.argsort(counts.min(axis=0), kind="stable")
    for group in by_size:
        if not hidden.any() or _covers(counts, hidden, least).all():
            break
        hidden[group] = True
    return hidden


def _covers(counts: Counts, hidden: Mask, least: int) -> Mask:
    """Whether, question by question, the hidden groups hold enough for each to be in doubt.

    A count below ``least`` may then be half of ``least`` higher, and any may lie in a range as
    wide as ``least``, while each of the other groups keeps one.
    """
    spare = max(1.5 * least - 2, least)
    return np.asarray(counts[:, hidden].sum(axis=1) >= hidden.sum() + spare)


def _fits(answers: Counts, hidden: Mask, least: int) -> Mask:
    """Whether questions can be shown by the groups that the others show."""
    is_large = (answers[:, ~hidden] >= least).all(axis=1) & (~hidden).any()
    return np.asarray(is_large & (_covers(answers, hidden, least) | (not hidden.any())))
