"""Rows and columns as HiGHS takes them.

HiGHS minimizes and our objective is to be large, so values change their sign here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from pppdash.analysis.outreach.model import Floats
from pppdash.analysis.outreach.stop import Watch


class QuietSolver(highspy.Highs):
    """HiGHS that writes nothing to the terminal, where a table or JSON may be going."""

    def enableCallbacks(self) -> None:
        """Silence it before its constructor sets callbacks, which prints a banner."""
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def quiet_solver() -> highspy.Highs:
    """Return a solver with nothing in it."""
    return QuietSolver()  # type: ignore[no-untyped-call]


ALL = 2**31 - 1


@dataclass(frozen=True)
class Effort:
    """How hard to try to decide whole columns.

    Attributes
    ----------
    gap
        Share of the objective that may stay unproven.
    seconds
        Time limit.
    seed
        Of the solver.
    nodes
        Most branches to look at: a limit that is the same on every machine.
    """

    gap: float
    seconds: float
    seed: int
    nodes: int = ALL


def set_effort(solver: highspy.Highs, effort: Effort) -> None:
    """Tell a solver how hard to try."""
    solver.setOptionValue("time_limit", max(0.01, effort.seconds))
    solver.setOptionValue("mip_rel_gap", effort.gap)
    solver.setOptionValue("mip_abs_gap", 1e-9)
    solver.setOptionValue("random_seed", effort.seed)
    solver.setOptionValue("mip_max_nodes", effort.nodes)


def stop_with(solver: highspy.Highs, watch: Watch) -> None:
    """Have a solver stop when it is asked to."""

    def interrupt(event: Any) -> None:
        event.interrupt(watch.stop.event.is_set())

    solver.cbMipInterrupt.subscribe(interrupt)


def add_contacts(solver: highspy.Highs, value: Floats, low: Floats, uses: sparse.csr_array) -> None:
    """Add a column for each contact, between ``low`` and 1; HiGHS minimizes, so values change sign.

    Parameters
    ----------
    value, low
        Of each contact.
    uses
        What it takes of the rows that are there.
    """
    count = len(value)
    starts, indices = uses.indptr[:-1].astype(np.int32), uses.indices.astype(np.int32)
    solver.addCols(count, -value, low, np.ones(count), uses.nnz, starts, indices, uses.data)


def add_links(solver: highspy.Highs, needs: sparse.csr_array, first: int) -> None:
    """Add a row for each contact and area it opens: contact ≤ area.

    Parameters
    ----------
    needs
        Which areas (the first columns) the contacts open.
    first
        Column of the first contact.
    """
    links = needs.nnz
    column = first + np.repeat(np.arange(needs.shape[0]), np.diff(needs.indptr))
    pairs = np.stack([needs.indices, column], axis=1).astype(np.int32).ravel()
    starts = np.arange(0, 2 * links, 2, dtype=np.int32)
    signs = np.tile([-1.0, 1.0], links)
    most = np.zeros(links)
    solver.addRows(links, np.full(links, -np.inf), most, 2 * links, starts, pairs, signs)


def add_limits(solver: highspy.Highs, low: Floats, high: Floats, rows: sparse.csr_array) -> None:
    """Add a row for each limit over the columns that are there."""
    starts, indices = rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32)
    solver.addRows(len(low), low, high, rows.nnz, starts, indices, rows.data)
