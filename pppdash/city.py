"""A city is a folder: ``city.toml`` names its files and says how their columns become ours."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pppdash.errors import CityError, UsageError

CITY_FILE = "city.toml"
DEFAULT_CITY = Path(__file__).resolve().parent.parent / "data" / "chicago"

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Exponent = Annotated[float, Field(ge=-5, le=5)]


class _Frozen(BaseModel):
    """Values, not state: nothing may change after loading, and no key may be misspelled."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Goal(_Frozen):
    """The coverage the city wants, and by when."""

    coverage: Share
    due: date


class TargetUniverse(_Frozen):
    """How few and how many targets the city may really have."""

    low: int = Field(gt=0)
    high: int = Field(gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> TargetUniverse:
        if self.low > self.high:
            raise ValueError(f"low ({self.low}) is above high ({self.high})")
        return self


class Basemap(_Frozen):
    """A background that the city hosts itself; without one the city's polygons are all there is."""

    tiles: str
    attribution: str = Field(min_length=1)

    @field_validator("tiles")
    @classmethod
    def _is_template(cls, tiles: str) -> str:
        if not all(part in tiles for part in ("{z}", "{x}", "{y}")):
            raise ValueError(f"must hold {{z}}, {{x}} and {{y}}, and {tiles!r} does not")
        if not tiles.startswith(("https://", "http://", "/")):
            raise ValueError(f"must begin with https://, http:// or /, and {tiles!r} does not")
        return tiles


class Crosswalk(_Frozen):
    """A column whose values another file translates: columns ``from`` and ``to``."""

    from_: str = Field(alias="from")
    crosswalk: str


class Population(_Frozen):
    """Population per area from a second file; ``key`` and ``value`` are its columns."""

    path: str
    key: str
    value: str


class AreaLayer(_Frozen):
    """One layer of polygons; ``id``, ``name``, ``where`` are expressions over its attributes."""

    path: str
    id: str = "area_id"
    name: str = "name"
    where: str | None = None
    crs: str | None = None
    label: str | None = None
    population: Population | str | None = None
    leave_out: tuple[str, ...] = ()


class Question(_Frozen):
    """A survey question that is one column of a wide file."""

    text: str
    scale: tuple[float, float]
    theme: str | None = None
    kind: Literal["agreement", "recommend"] = "agreement"

    @field_validator("scale")
    @classmethod
    def _ascending(cls, scale: tuple[float, float]) -> tuple[float, float]:
        if scale[0] >= scale[1]:
            raise ValueError("the scale must run from its lowest to its highest answer")
        return scale


class Source(_Frozen):
    """One entity's file or files, and how their columns become ours."""

    path: str | tuple[str, ...]
    columns: dict[str, str | Crosswalk] = {}
    where: str | None = None
    qualify: str | None = None
    date_formats: tuple[str, ...] = ()
    layout: Literal["long", "wide"] = "long"
    not_answered: tuple[str, ...] = ()
    questions: dict[str, Question] = {}
    leave_out: tuple[str, ...] = ()
    encoding: str | None = None
    sheet: str | None = None
    crs: str | None = None

    @model_validator(mode="after")
    def _wide_needs_questions(self) -> Source:
        if self.layout == "wide" and not self.questions:
            raise ValueError('layout = "wide" needs a [questions] table that names its columns')
        return self

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file of this source, in the order given."""
        return (self.path,) if isinstance(self.path, str) else self.path


class SizeBands(_Frozen):
    """Where a target stops being small and where it starts being large, in employees."""

    mid_sized: int = Field(default=50, gt=0)
    large: int = Field(default=250, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> SizeBands:
        if self.mid_sized >= self.large:
            raise ValueError("mid_sized must be below large")
        return self


class Windows(_Frozen):
    """Months around a flash point in which enrollment is counted as its own."""

    planned_before: int = Field(default=4, ge=0)
    planned_after: int = Field(default=1, ge=0)
    other_after: int = Field(default=2, ge=0)


class ContactHours(_Frozen):
    """Staff hours that one contact takes, by prong."""

    wide_net: float = Field(default=0.5, gt=0)
    targeted: float = Field(default=2.5, gt=0)
    win_back: float = Field(default=1.0, gt=0)


class TargetedList(_Frozen):
    """Whom to call in person: targets of these sectors or of these size bands."""

    sectors: tuple[str, ...] = ()
    size_bands: tuple[str, ...] = ("large",)


class Weights(_Frozen):
    """What an account is worth to the planner: a factor or an exponent for each reason."""

    sectors: dict[str, Amount] = {}
    size: Exponent = 0.25
    shortfall: Exponent = 0.5
    membership: Amount = 1.0
    distance: Exponent = 0.0


class OutreachLimit(_Frozen):
    """How many accounts one area, sector or size band shall have at least and at most."""

    dimension: Literal["area", "sector", "size_band"]
    value: str
    floor: int | None = Field(default=None, ge=0)
    ceiling: int | None = Field(default=None, ge=0)


class LiaisonHours(_Frozen):
    """Hours of one liaison in one period, 1 being the first."""

    period: int = Field(ge=1)
    liaison: str
    hours: Amount


class Outreach(_Frozen):
    """How an outreach plan is made; a planner's own file may say otherwise for one plan."""

    contact_hours: ContactHours = ContactHours()
    setup_hours: Amount = 4.0
    setup_hours_of: dict[str, Amount] = {}
    budgets: dict[Literal["wide_net", "targeted", "win_back"], Amount] = {}
    targeted: TargetedList = TargetedList()
    weights: Weights = Weights()
    well_covered: float = Field(default=1.5, gt=0)
    quick_win_share: Share = 0.0
    limits: tuple[OutreachLimit, ...] = ()
    locked_in: tuple[str, ...] = ()
    locked_out: tuple[str, ...] = ()
    slots: tuple[LiaisonHours, ...] = ()
    liaison_of_area: dict[str, str] = {}


class Settings(_Frozen):
    """What a city may set about counting and checking; every key has a default."""

    dormant_after_days: int = Field(default=365, gt=0)
    max_rejected: Share = 0.01
    snap_m: float = Field(default=500, ge=0)
    min_targets: int = Field(default=10, ge=0)
    min_respondents: int = Field(default=10, ge=1)
    size_bands: SizeBands = SizeBands()
    windows: Windows = Windows()
    outreach: Outreach = Outreach()


class City(_Frozen):
    """Everything ``city.toml`` says, checked; ``folder`` and ``root`` are absolute."""

    folder: Path
    root: Path
    name: str = Field(min_length=1)
    launched_on: date | None = None
    as_of: date | None = None
    synthetic: tuple[str, ...] = ()
    goal: Goal | None = None
    target_universe: TargetUniverse | None = None
    basemap: Basemap | None = None
    areas: dict[Identifier, AreaLayer] = {}
    sources: dict[str, Source] = {}
    settings: Settings = Settings()

    def file(self, path: str) -> Path:
        """Where a data file lies: under ``root``, unless the path is absolute."""
        return self.root / path

    @property
    def config_file(self) -> Path:
        """The city's own ``city.toml``."""
        return self.folder / CITY_FILE


def city_folder() -> Path:
    """Return the city to use when none is named: ``$PPPDASH_CITY``, else the sample."""
    return Path(os.environ.get("PPPDASH_CITY") or DEFAULT_CITY)


def load_city(folder: Path, root: Path | None = None) -> City:
    """Read and check a city's ``city.toml``.

    Parameters
    ----------
    folder
        The city's folder.
    root
        Where its data paths start; the folder itself when not given.

    Raises
    ------
    UsageError
        There is no such folder, or no ``city.toml`` in it.
    CityError
        The file is not TOML, or a key in it is misspelled, missing or out of range.
    """
    folder = Path(folder).resolve()
    config = folder / CITY_FILE
    if not config.is_file():
        raise UsageError(f"{folder} has no {CITY_FILE}; name a folder that holds one.")
    if root is not None and not Path(root).is_dir():
        raise UsageError(f"--root {root} is not a folder.")
    return _parse(config, Path(root).resolve() if root else folder)


def load_outreach(file: Path, city: Outreach) -> Outreach:
    """Read a planner's own settings; what they do not say is as the city has it.

    Parameters
    ----------
    file
        TOML with the keys of ``[settings.outreach]``.
    city
        The city's settings.

    Raises
    ------
    UsageError
        There is no such file, it is not TOML, or a key in it is misspelled or out of range.
    """
    if not file.is_file():
        raise UsageError(f"{file} is not a file; name a TOML file of settings.")
    try:
        own = _toml(file)
        return Outreach.model_validate(_merged(city.model_dump(), own))
    except CityError as error:
        raise UsageError(str(error)) from error
    except ValidationError as error:
        raise UsageError(_sentences(file, error)) from error


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return one table of keys over another, tables within them likewise."""
    tables = {
        key: _merged(below[key], value)
        for key, value in above.items()
        if isinstance(value, dict) and isinstance(below.get(key), dict)
    }
    return {**below, **above, **tables}


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CityError(f"{file} is not valid TOML: {error}.") from error


def _parse(config: Path, root: Path) -> City:
    raw = _toml(config)
    for key in ("folder", "root"):
        if key in raw:
            raise CityError(f"{config}: {key} is not a known key; --root says where files lie.")
    try:
        return City.model_validate({**raw, "folder": config.parent, "root": root})
    except ValidationError as error:
        raise CityError(_sentences(config, error)) from error


_KEYS = sorted(
    {
        field.alias or name
        for model in (
            *(City, Goal, TargetUniverse, AreaLayer, Population, Source, Question, Crosswalk),
            *(Settings, SizeBands, Windows),
            *(Outreach, ContactHours, TargetedList, Weights, OutreachLimit, LiaisonHours),
        )
        for name, field in model.model_fields.items()
    }
    - {"folder"}
)


def _sentences(config: Path, error: ValidationError) -> str:
    lines = [f"{config} cannot be followed:"]
    for problem in error.errors():
        # A choice between forms is named in the path by its type; people know keys alone.
        loc = [str(part) for part in problem["loc"] if not _is_type_name(str(part))]
        lines.append(f"  {'.'.join(loc)}: {_in_words(problem, loc)}")
    return "\n".join(dict.fromkeys(lines))


def _is_type_name(part: str) -> bool:
    return part in ("str", Crosswalk.__name__, Population.__name__) or part.startswith("tuple[")


def _in_words(problem: Mapping[str, Any], loc: Sequence[str]) -> str:
    match problem["type"]:
        case "extra_forbidden":
            near = difflib.get_close_matches(loc[-1], _KEYS, 1)
            return "is not a known key" + (f"; did you mean {near[0]!r}?" if near else ".")
        case "missing":
            return "is missing; add it."
        case "model_type" | "dict_type":
            return 'needs keys of its own, such as { text = "…", scale = [1, 5] }.'
        case _:
            return str(problem["msg"]).removeprefix("Value error, ") + "."
