"""Every error that a person can cause or mend, in one tree.

    PppdashError
    ├── UsageError        a command or a link asked for something that does not exist
    ├── CityError         city.toml says something that cannot be followed
    ├── PlanError         an outreach plan is asked for something that no plan can follow
    ├── SourceError       a file of the city cannot be read as it is
    ├── BuildInterrupted  the machine, not the data, stopped a build (disk full, another build)
    ├── NoBuild           nothing has been published for this city yet
    └── BrokenWarehouse   the published file is damaged

``str(error)`` is one or more sentences: what is wrong, where, and what to do about it.
"""

from __future__ import annotations


class PppdashError(Exception):
    """Base of all errors that are shown to a person as they stand."""


class UsageError(PppdashError):
    """A command or a link asked for something that does not exist."""


class CityError(PppdashError):
    """The city's configuration says something that cannot be followed."""


class PlanError(PppdashError):
    """An outreach plan is asked for something that no plan can follow."""


class SourceError(PppdashError):
    """A file of the city cannot be read as it is."""


class BuildInterrupted(PppdashError):
    """The machine, not the data, stopped a build; the last good one still serves."""


class NoBuild(PppdashError):
    """Nothing has been published for this city yet."""


class BrokenWarehouse(PppdashError):
    """The published file is damaged or cut short."""
