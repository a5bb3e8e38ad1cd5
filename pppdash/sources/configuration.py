"""What city.toml says that no file can follow, found before any file is read."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from datetime import datetime

import pyproj
from pyproj.exceptions import CRSError

from pppdash.city import City, Question
from pppdash.errors import CityError
from pppdash.sources.contracts import ENTITIES

# A zone would move a date to another day, depending on where it is read.
_TAKEN = {
    *ENTITIES["buildings"].column_names,
    *("file", "row", "areas", "size_band", "month", "year", "flash_point"),
}
_NOT_IN_A_DATE = ("%z", "%Z")


def refuse_unfollowable(city: City) -> None:
    """Refuse entities, coordinate systems and date forms that do not exist.

    Raises
    ------
    CityError
        Naming the key and, where there is one, what may have been meant.
    """
    for name in city.sources:
        refuse_unknown(name, ENTITIES, f"{city.config_file}: [sources.{name}]")
    for name in city.synthetic:
        refuse_unknown(name, [*ENTITIES, "areas"], f"{city.config_file}: synthetic")
    for complaint in _complaints(city):
        raise CityError(f"{city.config_file}: {complaint}")


def refuse_unknown(name: str, allowed: Collection[str], where: str) -> None:
    """Refuse a name that is not among those allowed.

    Raises
    ------
    CityError
        Beginning with ``where``, and naming the nearest one that is allowed.
    """
    if name not in allowed:
        near = difflib.get_close_matches(name, list(allowed), 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(allowed)}."
        raise CityError(f"{where}: {name!r} is not known; {hint}")


def _complaints(city: City) -> Iterator[str]:
    for name in city.areas:
        if name in _TAKEN:
            yield f"[areas.{name}]: {name!r} already means something else; rename the layer."
    stated: dict[str, Question] = {}
    for name, source in city.sources.items():
        if not source.paths:
            yield f"sources.{name}.path is an empty list; name a file, or remove the section."
        if len(set(source.paths)) < len(source.paths):
            yield f"sources.{name}.path names a file twice; name it once."
        for question, meant in source.questions.items():
            if stated.setdefault(question, meant) != meant:
                yield (
                    f"sources.{name}.questions.{question} means something else in another source; "
                    "rename the column in one of the two files."
                )
        for form in source.date_formats:
            if not _is_date_format(form):
                yield (
                    f"sources.{name}.date_formats: {form!r} is not the form of a date; write one "
                    "like '%m/%d/%Y', without a time zone."
                )
    systems = {f"areas.{name}.crs": layer.crs for name, layer in city.areas.items()}
    systems |= {f"sources.{name}.crs": source.crs for name, source in city.sources.items()}
    for key, crs in systems.items():
        if crs is not None and not _is_crs(crs):
            yield f"{key} = {crs!r} is no known coordinate system; write one like EPSG:3435."


def _is_date_format(form: str) -> bool:
    written = datetime(2012, 3, 7).strftime(form)
    try:
        datetime.strptime(written, form)
    except ValueError:
        return False
    return written != form and not any(code in form for code in _NOT_IN_A_DATE)


def _is_crs(text: str) -> bool:
    try:
        pyproj.CRS.from_user_input(text)
    except CRSError:
        return False
    return True
