"""Where not all floors can be kept: which fall short, and by how much at least."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from pppdash.analysis.outreach.choose import choose
from pppdash.analysis.outreach.model import TOLERANCE, Floats, Model, Row
from pppdash.analysis.outreach.stop import Stop, Watch

WHOLE_TARGET = 1 - 1e-6
"""Floors fall short by whole targets, so that less than one is no gain."""


@dataclass(frozen=True)
class Unkept:
    """A floor, or the share for quick wins, that no plan within the other limits keeps.

    Attributes
    ----------
    row
        The limit.
    short
        By how many targets it falls short in the plan that falls short least in all.
    """

    row: Row
    short: int


def unkept(model: Model, watch: Watch, seed: int) -> tuple[Unkept, ...]:
    """Return the floors that cannot be kept, at the least number of targets short in all.

    Floors are loosened one target at a time, and the best choice is the one that is loosened least.
    Where even that finds no choice, the share for quick wins is what cannot be kept; where that is
    not it either, nothing is returned: what is locked in breaks a limit by itself.
    """
    stop = Stop(gap=0.0, gain=WHOLE_TARGET, seconds=max(1.0, watch.left), event=watch.stop.event)
    floors = _floors(model)
    quick = [index for index, row in enumerate(model.rows) if row.kind == "quick_wins"]
    for loose in ([], quick):
        loosened = _loosened(model, floors, loose)
        found = choose(loosened, [], Watch(stop), seed, lambda objective, bound: None)
        if found.chosen is not None:
            used = model.used(found.chosen[: model.contacts])
            return _short(model, used)
    return ()


def _short(model: Model, used: Floats) -> tuple[Unkept, ...]:
    missing = np.ceil(model.low - used - TOLERANCE)
    return tuple(
        Unkept(model.rows[index], int(missing[index])) for index in np.flatnonzero(missing > 0)
    )


def _floors(model: Model) -> list[int]:
    wanted = [row.kind in ("area", "sector", "size_band") and row.low > 0 for row in model.rows]
    return np.flatnonzero(wanted).tolist()


def _loosened(model: Model, floors: list[int], dropped: list[int]) -> Model:
    """Return a model whose objective is how many of the targets that floors ask for are there.

    Each target that a floor asks for becomes a contact of no hours, in an area of its own that
    costs nothing, and takes one from the floor; a floor with a ceiling becomes two limits.
    """
    asked = np.repeat(floors, [int(np.ceil(model.rows[index].low)) for index in floors])
    count = len(asked)
    ceilings = [index for index in floors if np.isfinite(model.rows[index].high)]
    rows = list(model.rows)
    for index in [*floors, *dropped]:
        rows[index] = replace(rows[index], low=0.0 if index in floors else -np.inf, high=np.inf)
    rows += [replace(model.rows[index], low=-np.inf) for index in ceilings]
    takes = sparse.coo_array((-np.ones(count), (asked, np.arange(count))), shape=(len(rows), count))
    opens = np.vstack([model.opens, model.opens[ceilings]])
    return replace(
        model,
        value=np.concatenate([np.zeros(model.contacts), np.ones(count)]),
        hours=np.concatenate([model.hours, np.zeros(count)]),
        areas=(*model.areas, ""),
        setup=np.append(model.setup, 0.0),
        needs=sparse.csr_array(sparse.block_diag([model.needs, np.ones((count, 1))])),
        rows=tuple(rows),
        uses=sparse.csr_array(sparse.hstack([_again(model.uses, ceilings), takes])),
        opens=np.hstack([opens, np.zeros((len(rows), 1))]),
        locked=np.append(model.locked, np.zeros(count, dtype=bool)),
        whose=np.append(model.whose, np.full(count, "", dtype=object)),
        whose_area=np.append(model.whose_area, np.array([""], dtype=object)),
    )


def _again(rows: sparse.csr_array, which: list[int]) -> sparse.csr_array:
    """Return rows, and some of them once more."""
    return rows[[*range(rows.shape[0]), *which]]
