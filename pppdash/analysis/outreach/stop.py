"""When to stop looking for a better plan."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

Progress = Callable[[float, float], None]
"""Called with the best objective so far (minus infinity before there is one) and the bound."""


@dataclass(frozen=True)
class Stop:
    """When to stop: the best plan so far is returned with the gap that is proven by then.

    Attributes
    ----------
    gap
        Share of the plan's objective by which a better plan may exceed it; 0 proves the optimum.
    gain
        By how much a better plan must exceed the best one to be looked for.
    seconds
        Time limit.
    event
        Set from another thread to stop early.
    """

    gap: float = 0.001
    gain: float = 0.0
    seconds: float = 60.0
    event: Event = field(default_factory=Event)

    def enough(self, objective: float) -> float:
        """Return the bound at which a plan's objective is good enough."""
        return objective + max(self.gap * abs(objective), self.gain)


@dataclass(frozen=True)
class Watch:
    """A `Stop` whose time runs."""

    stop: Stop
    started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return max(0.0, self.stop.seconds - (time.monotonic() - self.started))

    @property
    def is_over(self) -> bool:
        """Whether to stop now."""
        return self.stop.event.is_set() or self.left <= 0
