"""Which kinds of targets lag, and who could be won there."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pppdash.analysis import gaps
from pppdash.analysis.gaps import Gaps
from pppdash.errors import UsageError
from pppdash.metrics.compute import Queryable, compute
from pppdash.metrics.filters import Filters
from pppdash.metrics.registry import TIMES
from pppdash.sources.contracts import UNCLASSIFIED


def largest_gaps(warehouse: Queryable, by: Sequence[str], filters: Filters) -> pd.DataFrame:
    """Return the cells of a breakdown, the largest gap first; see :func:`gaps.rank`."""
    cells = compute(warehouse, gaps.NEEDED, by, filters)
    return gaps.rank(cells, warehouse.build.min_targets)


def measure_gaps(warehouse: Queryable, by: Sequence[str], filters: Filters) -> Gaps:
    """Return the cells of a breakdown, each against the rest; see :func:`gaps.measure`.

    Parameters
    ----------
    warehouse
        An open build.
    by
        ``sector``, ``size_band`` and a layer of areas, any or all of them.
    filters
        As of when and for which part of the city; the rest is the rest of that part.

    Returns
    -------
    Gaps
        With ``accounts_dormant`` beside each cell.

    Raises
    ------
    UsageError
        There is no such dimension, it is a time, or none is named.
    """
    times = [name for name in by if name in TIMES]
    if times or not by:
        what = f"not by {', '.join(times)}" if times else "one of them at least"
        raise UsageError(f"Gaps go by sector, by size_band and by a layer of areas, {what}.")
    cells = compute(warehouse, [*gaps.NEEDED, "accounts_dormant"], by, filters)
    return gaps.measure(cells, warehouse.build.min_targets, UNCLASSIFIED)


def members_not_enrolled(warehouse: Queryable, filters: Filters) -> pd.DataFrame:
    """Return how many targets that are not enrolled belong to another program.

    Returns
    -------
    pd.DataFrame
        sector, size_band, area_id, area_name, program, targets; one row a kind of target and
        program, and one without a program that counts those of any once.
    """
    return warehouse.query("members_not_enrolled", **filters.params())


def dormant_accounts(warehouse: Queryable, filters: Filters) -> pd.DataFrame:
    """Return the accounts that are active and have gone quiet, the latest to do so first.

    Returns
    -------
    pd.DataFrame
        account_id, target_id, organization, building_id, building, address, area_id, area_name,
        sector, size_band, memberships, enrolled_on, last_active_on, days_quiet (since then).
    """
    return warehouse.query("dormant_accounts", **filters.params())
