"""A recipe: everything that is planted in a made city, read from ``recipe.toml`` and checked."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pppdash.errors import CityError, UsageError

Share = Annotated[float, Field(ge=0, le=1)]
Odds = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Span = tuple[int, int]

BANDS = ("small", "mid-sized", "large", "Unknown")
PRONGS = ("wide_net", "targeted")
UNSUCCESSFUL = ("interested", "declined", "no_answer")


def _keys(*names: str) -> AfterValidator:
    """Return a check that a table holds exactly these keys."""

    def check(values: dict[str, Any]) -> dict[str, Any]:
        if set(values) != set(names):
            raise ValueError(f"needs the keys {', '.join(names)}, each once and no others")
        return values

    return AfterValidator(check)


Bands = Annotated[dict[str, float], _keys(*BANDS)]


class _Frozen(BaseModel):
    """A part of the recipe; a misspelled key is an error, not a silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Goal(_Frozen):
    """The coverage wanted of the whole city."""

    coverage: Share
    due: date


class Layer(_Frozen):
    """An area layer, whose file lies beside the recipe."""

    name: str
    label: str
    path: str


class CityPart(_Frozen):
    """What the made ``city.toml`` says."""

    name: str
    launched_on: date
    as_of: date
    buildings_per_target: Annotated[float, Field(gt=0, le=1)]
    universe: tuple[Positive, Positive]
    goal: Goal
    layers: Annotated[tuple[Layer, ...], Field(min_length=1)]


class AreaGroup(_Frozen):
    """Areas that resemble each other."""

    name: str
    areas: tuple[str, ...]
    buildings: Positive
    tenants: Positive
    enrollment_odds: Odds
    sector_odds: dict[str, Odds] = {}


class Buildings(_Frozen):
    """How buildings are made."""

    tenants_spread: Odds
    floor_area_median_sqft: Positive
    floor_area_spread: Odds
    sqft_per_occupant: Positive
    occupants_unknown: Share
    portfolio_share: Share
    portfolio_size: Positive


class SizeBands(_Frozen):
    """The first number of employees of the two upper bands."""

    mid_sized: int
    large: int


class Targets(_Frozen):
    """How targets are made."""

    sole_is_manager: Share
    has_manager: Share
    tenant_own_sector: Share
    chain_share: Share
    chain_size: Positive
    quick_win: Bands
    employees_spread: Odds
    employees_unknown: Share
    size_bands: SizeBands


class EnrollmentOdds(_Frozen):
    """Odds of enrolling by what a target is."""

    size_band: Bands
    manager: Odds


class Sector(_Frozen):
    """One sector; a blank name is a target that nobody has classified."""

    name: str
    share: Positive
    employees: Positive
    enrollment_odds: Odds
    premises: Annotated[tuple[str, ...], Field(min_length=1)]
    trades: Annotated[tuple[str, ...], Field(min_length=1)]


class Accounts(_Frozen):
    """How many accounts there are, and what becomes of them."""

    active_share: Annotated[float, Field(ge=0, lt=1)]
    ended_share: Annotated[float, Field(ge=0, lt=1)]
    reenrolled_share: Share
    reenrolled_gap_days: Span
    planned_event_end_odds: Odds
    shortest_days: Annotated[int, Field(ge=1)]
    mean_days: Positive
    dormant_share: Share
    dormant_after_days: Annotated[int, Field(ge=1)]
    last_active_unknown: Share
    building_only: Share
    simplified_from: date
    simplified_share: Share
    targeted_share: Share
    invited_share: Share
    invited_days_before: Span

    @model_validator(mode="after")
    def _room_for_two(self) -> Accounts:
        if self.reenrolled_share > self.ended_share:
            raise ValueError("reenrolled_share is above ended_share: the first account must end")
        return self


class Pace(_Frozen):
    """Enrollment between flash points."""

    interim_per_month: Odds
    interim_shape: Positive
    weekdays: Annotated[tuple[Odds, ...], Field(min_length=7, max_length=7)]


class FlashPoint(_Frozen):
    """A dated event, and the rise planted around it."""

    flash_point_id: str
    name: str
    started_on: date
    ended_on: date | None = None
    kind: Literal["planned_event", "attack", "violence_spike", "disaster"]
    scope: Literal["local", "national"]
    longitude: float | None = None
    latitude: float | None = None
    extra_per_10000: Odds = 0
    lead_days: Odds = 0
    level_after: Share = 1
    decay_days: Positive = 1


class Membership(_Frozen):
    """A program that targets or buildings belong to."""

    program: str
    of: Literal["target", "building"]
    share: Share
    sector_odds: dict[str, Odds] = {}
    other_odds: Odds = 1


class Prong(_Frozen):
    """One way of reaching out; ``per_enrollment`` contacts make one enrollment."""

    per_enrollment: Annotated[int, Field(ge=1)]
    outcomes: Annotated[dict[str, Odds], _keys(*UNSUCCESSFUL)]
    channels: dict[str, Odds]
    staff_hours: tuple[Odds, Odds]


class Outreach(_Frozen):
    """Contacts with targets."""

    started_on: date
    recorded: Share
    days_before: Annotated[int, Field(ge=0)]
    tried_before: Share
    tried_days_before: Span
    prongs: Annotated[dict[str, Prong], _keys(*PRONGS)]


class Wave(_Frozen):
    """One survey wave."""

    wave: date
    label: str
    response: Share


class Question(_Frozen):
    """A question, and the answers planted."""

    question_id: str
    text: str
    theme: str
    kind: Literal["agreement", "recommend"] = "agreement"
    scale: Span
    mean: float
    change: float
    spread: Positive

    @model_validator(mode="after")
    def _scale_ascends(self) -> Question:
        if not 0 <= self.scale[0] < self.scale[1]:
            raise ValueError("scale must run from its lowest answer, 0 or more, to its highest")
        return self


class Theme(_Frozen):
    """What comments are about; ``weights`` holds one a wave."""

    name: str
    weights: tuple[Odds, ...]
    sentences: Annotated[tuple[str, ...], Field(min_length=1)]


class Comments(_Frozen):
    """Comments, on the answers to one question."""

    question_id: str
    share: Share
    themes: Annotated[tuple[Theme, ...], Field(min_length=1)]


class Survey(_Frozen):
    """The partners' survey."""

    most_invited: Annotated[int, Field(ge=1)]
    bent_spread: Odds
    item_missing: Share
    again_spread: Odds
    response_odds: Bands
    band_shift: Bands
    waves: tuple[Wave, ...]
    questions: tuple[Question, ...]
    comments: Comments

    @model_validator(mode="after")
    def _comments_have_their_question(self) -> Survey:
        if self.comments.question_id not in {one.question_id for one in self.questions}:
            raise ValueError(f"comments.question_id {self.comments.question_id!r} is no question")
        return self

    @model_validator(mode="after")
    def _weights_match_waves(self) -> Survey:
        for theme in self.comments.themes:
            if len(theme.weights) != len(self.waves):
                raise ValueError(f"comment theme {theme.name!r} needs one weight a wave")
        return self


class GoalRow(_Frozen):
    """One row of ``goals.csv``."""

    metric: str
    scope: Literal["all", "sector", "area"]
    key: str = ""
    target: Share
    due: date
    owner: str


class Names(_Frozen):
    """Word lists that invented names and addresses are made of."""

    words: Annotated[tuple[str, ...], Field(min_length=2)]
    streets: Annotated[tuple[str, ...], Field(min_length=1)]
    street_kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    directions: Annotated[tuple[str, ...], Field(min_length=1)]


class Recipe(_Frozen):
    """A whole recipe; ``path`` is the file it was read from."""

    path: Path
    city: CityPart
    area_groups: Annotated[tuple[AreaGroup, ...], Field(min_length=1)]
    buildings: Buildings
    targets: Targets
    enrollment_odds: EnrollmentOdds
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1)]
    accounts: Accounts
    pace: Pace
    flash_points: tuple[FlashPoint, ...]
    memberships: tuple[Membership, ...]
    outreach: Outreach
    survey: Survey
    goals: tuple[GoalRow, ...]
    names: Names

    @cached_property
    def sector_names(self) -> tuple[str, ...]:
        """The sectors' names, in the order that codes refer to."""
        return tuple(sector.name for sector in self.sectors)

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Recipe:
        areas = Counter(area for group in self.area_groups for area in group.areas)
        _none_of((area for area, n in areas.items() if n > 1), "areas in more than one group")
        tables = [group.sector_odds for group in self.area_groups]
        tables += [program.sector_odds for program in self.memberships]
        used = {name for table in tables for name in table}
        _none_of(used - set(self.sector_names), "sector_odds for sectors not in [[sectors]]")
        return self

    @model_validator(mode="after")
    def _in_order(self) -> Recipe:
        if not self.outreach.started_on <= self.city.launched_on < self.city.as_of:
            raise ValueError("outreach.started_on, launched_on and as_of must follow one another")
        late = [wave.label for wave in self.survey.waves if wave.wave > self.city.as_of]
        _none_of(late, "survey waves after as_of")
        return self


def _none_of(found: Iterable[str], what: str) -> None:
    names = sorted(found)
    if names:
        raise ValueError(f"{what}: {', '.join(names)}")


def load_recipe(path: Path) -> Recipe:
    """Read and check a recipe.

    Raises
    ------
    UsageError
        There is no such file.
    CityError
        The file is not TOML, or a key in it is misspelled, missing or out of range.
    """
    if not path.is_file():
        raise UsageError(f"{path} is not there; name a recipe.toml to make the city from.")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return Recipe.model_validate({**raw, "path": path})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CityError(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise CityError(_sentences(path, error)) from error


def _sentences(path: Path, error: ValidationError) -> str:
    lines = [f"{path} cannot be followed:"]
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"]) or "(top level)"
        lines.append(f"  {key}: {problem['msg'].removeprefix('Value error, ')}.")
    return "\n".join(lines)
