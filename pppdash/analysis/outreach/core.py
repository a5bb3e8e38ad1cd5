"""What bounds leave open, decided by HiGHS: a small mixed-integer program.

HiGHS: Huangfu and Hall 2018, "Parallelizing the dual revised simplex method".
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from pppdash.analysis.outreach.bounds import Part
from pppdash.analysis.outreach.highs import (
    Effort,
    add_contacts,
    add_limits,
    add_links,
    quiet_solver,
    set_effort,
    stop_with,
)
from pppdash.analysis.outreach.model import Bools, Ints, Model
from pppdash.analysis.outreach.stop import Watch


@dataclass(frozen=True)
class Core:
    """The part of a model that is still open.

    Attributes
    ----------
    contacts
        Those to be decided.
    made
        Whether a contact is in every plan looked at (n); all others are in none.
    part
        Which areas may be opened.
    """

    contacts: Ints
    made: Bools
    part: Part


def decide(
    model: Model, core: Core, cutoff: float, effort: Effort, watch: Watch
) -> tuple[Bools, float]:
    """Return the best choice within a core, and the bound on all choices within it.

    Where none is worth more than the cutoff, the bound is minus infinity and the choice is
    `Core.made`.
    """
    solver = quiet_solver()
    set_effort(solver, effort)
    solver.setOptionValue("objective_bound", model.objective(core.made) - cutoff)
    _pass(solver, model, core)
    stop_with(solver, watch)
    solver.run()
    return _answer(solver, model, core)


def _pass(solver: highspy.Highs, model: Model, core: Core) -> None:
    """Pass the areas, the limits less what is made, and the contacts that are open."""
    m, count = len(model.areas), len(core.contacts)
    must = core.part.must | model.opened(core.made)
    solver.addVars(m, must.astype(float), core.part.may.astype(float))
    made = np.asarray(model.uses @ core.made)
    add_limits(solver, model.low - made, model.high - made, sparse.csr_array(model.opens))
    low = model.locked[core.contacts].astype(float)
    add_contacts(solver, model.value[core.contacts], low, model.uses_by_contact[core.contacts])
    add_links(solver, model.needs[core.contacts], m)
    columns = np.arange(m + count, dtype=np.int32)
    integer = np.full(m + count, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    solver.changeColsIntegrality(m + count, columns, integer)


def _answer(solver: highspy.Highs, model: Model, core: Core) -> tuple[Bools, float]:
    info = solver.getInfo()
    chosen = core.made.copy()
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return chosen, -np.inf
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        values = np.array(solver.getSolution().col_value)[len(model.areas) :]
        chosen[core.contacts] = values > 0.5
    return chosen, float(model.value[core.made].sum() - info.mip_dual_bound)
