"""What each entity's columns mean: the one place that names them.

Reading, checking, the warehouse's typed tables and the messages people get all follow these
records. ``ENTITIES`` is ordered so that an entity stands after everything it refers to.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SECTORS = (
    "Chemical",
    "Commercial Facilities",
    "Communications",
    "Critical Manufacturing",
    "Dams",
    "Defense Industrial Base",
    "Emergency Services",
    "Energy",
    "Financial Services",
    "Food and Agriculture",
    "Government Facilities",
    "Healthcare and Public Health",
    "Information Technology",
    "Nuclear Reactors, Materials, and Waste",
    "Transportation Systems",
    "Water and Wastewater Systems",
)
UNCLASSIFIED = "Unclassified"
MAX_TEXT_CHARS = 10_000
OUTSIDE = "Outside"


class Kind(StrEnum):
    """How a column's text is parsed, and the warehouse type it becomes."""

    ID = "id"
    TEXT = "text"
    CHOICE = "choice"
    FACT_DATE = "fact_date"  # happened: 1900 to tomorrow
    ANY_DATE = "any_date"  # may lie ahead: 1900 to 2200
    COUNT = "count"
    NUMBER = "number"
    FLAG = "flag"

    @property
    def sql_type(self) -> str:
        """Return the DuckDB type that holds this kind."""
        return _SQL_TYPES[self]


_SQL_TYPES = {
    Kind.ID: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.CHOICE: "VARCHAR",
    Kind.FACT_DATE: "DATE",
    Kind.ANY_DATE: "DATE",
    Kind.COUNT: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.FLAG: "BOOLEAN",
}


@dataclass(frozen=True)
class Column:
    """One column: how it is parsed, and what its values may be."""

    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    refers_to: str | None = None


@dataclass(frozen=True)
class Entity:
    """One kind of thing a city may bring.

    ``key`` columns are unique together; of each group in ``one_of`` at least one column is
    filled; ``in_order`` pairs must not run backwards (``strictly``: nor be equal).
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    in_order: tuple[tuple[str, str], ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """Every column's name, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there and filled."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)


def _id(name: str, *, required: bool = False, refers_to: str | None = None) -> Column:
    return Column(name, Kind.ID, required, refers_to=refers_to)


def _text(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.TEXT, required)


def _choice(name: str, *choices: str, required: bool = False) -> Column:
    return Column(name, Kind.CHOICE, required, choices)


def _count(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.COUNT, required, low=0)


def _number(
    name: str, low: float | None = None, high: float | None = None, *, required: bool = False
) -> Column:
    return Column(name, Kind.NUMBER, required, low=low, high=high)


def _fact(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.FACT_DATE, required)


def _date(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.ANY_DATE, required)


_SECTOR = _choice("sector", *SECTORS, UNCLASSIFIED)
_PRONG = _choice("prong", "wide_net", "targeted")
_BUILDING = _id("building_id", refers_to="buildings")
_TARGET = _id("target_id", refers_to="targets")

AREAS = Entity(
    "areas",
    (_id("area_id", required=True), _text("name", required=True), _number("population", 0)),
)

ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        Entity(
            "buildings",
            (
                _id("building_id", required=True),
                _number("longitude", required=True),
                _number("latitude", required=True),
                _text("name"),
                _text("address"),
                _SECTOR,
                _number("floor_area_sqft", 0),
                _count("occupants"),
                _id("owner_id"),
                _count("employees"),
            ),
            key=("building_id",),
        ),
        Entity(
            "targets",
            (
                _id("target_id", required=True),
                _id("building_id", required=True, refers_to="buildings"),
                _text("organization"),
                _choice("role", "manager", "tenant"),
                _SECTOR,
                _count("employees"),
                Column("is_quick_win", Kind.FLAG),
                _id("owner_id"),
                _fact("listed_on"),
                _fact("removed_on"),
            ),
            key=("target_id",),
            in_order=(("listed_on", "removed_on"),),
        ),
        Entity(
            "accounts",
            (
                _id("account_id", required=True),
                _TARGET,
                _BUILDING,
                _fact("enrolled_on", required=True),
                _fact("ended_on"),
                _fact("last_active_on"),
                _choice("form", "memorandum", "simplified"),
                _fact("invited_on"),
                _PRONG,
            ),
            key=("account_id",),
            one_of=(("target_id", "building_id"),),
            in_order=(("enrolled_on", "ended_on"), ("enrolled_on", "last_active_on")),
        ),
        Entity(
            "flash_points",
            (
                _id("flash_point_id", required=True),
                _text("name", required=True),
                _date("started_on", required=True),
                _date("ended_on"),
                _choice("kind", "planned_event", "attack", "violence_spike", "disaster"),
                _choice("scope", "local", "national"),
                _number("longitude", -180, 180),
                _number("latitude", -90, 90),
            ),
            key=("flash_point_id",),
            in_order=(("started_on", "ended_on"),),
        ),
        Entity(
            "memberships",
            (_TARGET, _BUILDING, _text("program", required=True)),
            key=("target_id", "building_id", "program"),
            one_of=(("target_id", "building_id"),),
        ),
        Entity(
            "outreach_contacts",
            (
                _id("contact_id", required=True),
                _TARGET,
                _BUILDING,
                _fact("contacted_on", required=True),
                _text("channel"),
                _PRONG,
                _choice("outcome", "enrolled", "interested", "declined", "no_answer"),
                _number("staff_hours", 0),
                _id("plan_id"),
            ),
            key=("contact_id",),
            one_of=(("target_id", "building_id"),),
        ),
        Entity(
            "survey_questions",
            (
                _id("question_id", required=True),
                _text("text", required=True),
                _number("scale_min", required=True),
                _number("scale_max", required=True),
                _text("theme"),
                _choice("kind", "agreement", "recommend"),
            ),
            key=("question_id",),
            in_order=(("scale_min", "scale_max"),),
        ),
        Entity(
            "survey_responses",
            (
                _fact("wave", required=True),
                _id("respondent_id", required=True),
                _id("question_id", required=True, refers_to="survey_questions"),
                _number("score"),
                _text("comment"),
                _TARGET,
                _SECTOR,
                _choice("size_band", "small", "mid-sized", "large", "Unknown"),
                _id("area_id"),
            ),
            key=("wave", "respondent_id", "question_id"),
        ),
        Entity(
            "survey_margins",
            (
                _fact("wave", required=True),
                _text("variable", required=True),
                _text("value", required=True),
                _number("population", 0, required=True),
            ),
            key=("wave", "variable", "value"),
        ),
        Entity(
            "survey_waves",
            (_fact("wave", required=True), _count("invited"), _text("label")),
            key=("wave",),
        ),
        Entity(
            "survey_scores",
            (
                _fact("wave", required=True),
                _id("question_id", required=True, refers_to="survey_questions"),
                _id("area_id"),
                _number("score", required=True),
            ),
            key=("wave", "question_id", "area_id"),
        ),
        Entity(
            "goals",
            (
                _choice("metric", "coverage", required=True),
                _choice("scope", "all", "sector", "area"),
                _text("key"),
                _number("target", 0, 1, required=True),
                _date("due", required=True),
                _text("owner"),
            ),
            key=("metric", "scope", "key"),
        ),
    )
}
