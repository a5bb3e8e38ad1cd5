"""Whom to call with the hours at hand: a plan that is proven best for its settings.

`solve` is the way in; a `Problem` is what it takes and a `Plan` what it gives. docs/methods.md says
what is solved, docs/decisions/0014-the-plan-in-parts.md how.
"""

from pppdash.analysis.outreach.plan import LimitUse, OneMoreHour, Plan
from pppdash.analysis.outreach.problem import Limit, Problem, Slot
from pppdash.analysis.outreach.solve import solve
from pppdash.analysis.outreach.stop import Stop

__all__ = ["Limit", "LimitUse", "OneMoreHour", "Plan", "Problem", "Slot", "Stop", "solve"]
