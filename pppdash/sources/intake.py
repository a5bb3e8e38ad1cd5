"""A city's files in, typed and checked and placed rows out, and an account of every row."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from pppdash.city import AreaLayer, City, Crosswalk, Population, Question, Source
from pppdash.errors import CityError, SourceError
from pppdash.sources.checks import (
    Findings,
    Known,
    check_keys,
    check_references,
    check_scores,
    check_values,
    parse_columns,
    remember,
)
from pppdash.sources.configuration import refuse_unfollowable, refuse_unknown
from pppdash.sources.contracts import (
    AREAS,
    ENTITIES,
    OUTSIDE,
    SECTORS,
    Entity,
)
from pppdash.sources.parse import clean
from pppdash.sources.places import Layer, check_polygons, describe_misplaced, make_layer, place
from pppdash.sources.private import mask_text
from pppdash.sources.read import Extract, Scratch, quoted, read_polygons

CROSSWALKS = Path(__file__).parent / "crosswalks"
SHOWN_UNLISTED = 50
EXCLUDED_ALL = "excluded every row; look at `where` and `qualify`"

_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")  # what holds no shapes
_REFERRED_TO = {column.refers_to for entity in ENTITIES.values() for column in entity.columns}
_ANSWER = "answer to "  # before a question's name, which might else be one of our own


@dataclass(frozen=True)
class Notice:
    """Something that did not stop a row but that a person should know."""

    file: str
    column: str
    reason: str
    count: int


@dataclass
class Tally:
    """What became of every row of one entity: read = kept + excluded + merged + rejected."""

    files: tuple[str, ...] = ()
    read: int = 0
    kept: int = 0
    excluded: int = 0
    merged: int = 0
    rejected: int = 0
    warnings: list[Notice] = field(default_factory=list)
    rejections: list[pd.DataFrame] = field(default_factory=list)

    def reject(self, reasons: pd.DataFrame) -> None:
        """Add rejected rows; a row with several reasons is one row."""
        if not reasons.empty:
            self.rejections.append(reasons)
            self.rejected += len(reasons[["file", "row"]].drop_duplicates())

    def warn(self, file: str, column: str, reason: str, count: int) -> None:
        """Add a warning, summing it with one of the same words."""
        if count <= 0:
            return
        for number, old in enumerate(self.warnings):
            if (old.file, old.column, old.reason) == (file, column, reason):
                self.warnings[number] = Notice(file, column, reason, old.count + count)
                return
        self.warnings.append(Notice(file, column, reason, count))

    @property
    def balances(self) -> bool:
        """Whether every row read is accounted for."""
        return self.read == self.kept + self.excluded + self.merged + self.rejected


class Intake:
    """Takes one city's sources in, in the order of `ENTITIES`; areas come first.

    Attributes
    ----------
    tallies
        Entity name → its `Tally`; the areas' under ``areas``.
    layers
        Layer name → `Layer`, once `read_areas` has run.
    """

    def __init__(self, city: City, today: date) -> None:
        self.city = city
        self.today = today
        self.tallies: dict[str, Tally] = {}
        self.layers: dict[str, Layer] = {}
        self._known: dict[str, Known] = {name: Known() for name in ENTITIES}
        self._scales = {
            name: question.scale
            for source in city.sources.values()
            for name, question in source.questions.items()
        }
        refuse_unfollowable(city)

    # -- areas ---------------------------------------------------------------------------

    def read_areas(self) -> Iterator[pd.DataFrame]:
        """Yield each layer's areas: layer, area_id, name, population, geojson."""
        if not self.city.areas:
            return
        tally = self.tallies["areas"] = Tally()
        for name, config in self.city.areas.items():
            layer = self._read_layer(name, config, tally)
            self.layers[name] = layer
            table = pd.DataFrame(layer.areas.drop(columns="geometry"))
            yield table.assign(layer=name, geojson=layer.geojson())

    def _read_layer(self, name: str, config: AreaLayer, tally: Tally) -> Layer:
        path = self.city.file(config.path)
        shapes = read_polygons(path, config.crs)
        check_polygons(str(path), shapes)
        columns = {"id": config.id, "name": config.name}
        if isinstance(config.population, str):
            columns["population"] = config.population
        with Scratch(f"areas.{name}", self.city.config_file) as scratch:
            scratch.load_attributes(path, shapes)
            scratch.leave_out(config.leave_out)
            scratch.refuse_private()
            scratch.lock()
            extract = scratch.extract(columns, config.where, None, within="")
            chunk = next(scratch.chunks(len(shapes) + 1)).rename(columns={"id": "area_id"})
        rows = self._checked_areas(chunk, shapes, extract, tally)
        rows["geometry"] = shapes.geometry.iloc[rows["row"] - 2].to_numpy()
        if isinstance(config.population, Population):
            rows["population"] = self._populations(name, config.population, rows, tally)
        if rows.empty:
            raise SourceError(f"{path}: no area is left to use; look at `where` and `id`.")
        layer = make_layer(name, gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326"))
        self._count_areas(path, layer, len(rows), extract, tally)
        return layer

    def _checked_areas(
        self, chunk: pd.DataFrame, shapes: gpd.GeoDataFrame, extract: Extract, tally: Tally
    ) -> pd.DataFrame:
        for column in AREAS.columns:
            chunk[column.name] = clean(chunk.get(column.name, pd.Series(None, chunk.index, "str")))
        found = Findings(chunk)
        typed = parse_columns(chunk, AREAS.columns, (), found)
        check_values(typed, AREAS, self.today, found)
        drawn = shapely.make_valid(shapes.geometry.iloc[typed["row"] - 2].to_numpy())
        found.add(
            pd.Series(~(shapely.area(drawn) > 0), typed.index),  # without a shape, the area is NaN
            "geometry",
            "has no area; draw it as a polygon, or leave it out with `where`",
        )
        found.add(
            typed["area_id"] == OUTSIDE,
            "area_id",
            "means a place outside every area; give this one another id",
        )
        tally.reject(found.frame())
        tally.read += extract.read
        tally.excluded += extract.excluded
        return typed[~found.bad].reset_index(drop=True)

    def _count_areas(
        self, path: Path, layer: Layer, rows: int, extract: Extract, tally: Tally
    ) -> None:
        tally.files += (path.name,)
        tally.kept += len(layer.areas)
        tally.merged += rows - len(layer.areas)
        tally.warn(path.name, "geometry", "crossed itself and was repaired", layer.repaired)
        tally.warn(path.name, "area_id", "shares its id with another and was merged", layer.merged)

    def _populations(
        self, layer: str, config: Population, rows: pd.DataFrame, tally: Tally
    ) -> pd.Series:
        path = self.city.file(config.path)
        columns = {"key": config.key, "value": config.value}
        table = self._read_table(path, f"areas.{layer}.population", columns)
        values = pd.to_numeric(table["value"], errors="coerce")
        by_key = pd.Series(values.where(values >= 0).to_numpy(), table["key"])
        repeated = by_key.index.duplicated() & by_key.index.isin(rows["area_id"])
        found = rows["area_id"].map(by_key.groupby(level=0).first()).astype("float64")
        tally.warn(path.name, config.key, "has no number for an area", int(found.isna().sum()))
        said = "stands there again; the first number counts"
        tally.warn(path.name, config.key, said, int(repeated.sum()))
        return found

    def _read_table(
        self, path: Path, label: str, columns: Mapping[str, str], needed: tuple[str, ...] = ()
    ) -> pd.DataFrame:
        """Read a small second file whole, as cleaned text."""
        with Scratch(label, self.city.config_file) as scratch:
            scratch.load(path)
            if not set(needed) <= set(scratch.columns):
                raise SourceError(f"{path} needs the columns {' and '.join(needed)}.")
            scratch.lock()
            scratch.extract(columns, None, None, within="")
            table = pd.concat(list(scratch.chunks()))
        return table[list(columns)].apply(clean)

    # -- entities ------------------------------------------------------------------------

    def read(self, name: str) -> Iterator[pd.DataFrame]:
        """Yield an entity's rows that may come in, typed, in chunks.

        Buildings carry more columns: ``is_snapped`` and, for each layer, under its name, the id of
        the area that they lie in.

        Raises
        ------
        SourceError, CityError
            The entity cannot be read at all.
        """
        entity = ENTITIES[name]
        if name == "survey_questions":
            yield from self._questions_of_wide_sources()
        source = self.city.sources.get(name)
        if source is None:
            return
        tally = self.tallies.setdefault(name, Tally())
        tally.files += tuple(self.city.file(path).name for path in source.paths)
        with Scratch(f"sources.{name}", self.city.config_file) as scratch:
            self._load(scratch, source)
            columns = self._columns(entity, source, scratch.columns)
            crosswalks = {
                name: self._read_crosswalk(column.crosswalk)
                for name, column in columns.items()
                if isinstance(column, Crosswalk)
            }
            extract = self._extract(scratch, entity, source, columns)
            tally.read += extract.read
            tally.excluded += extract.excluded
            tally.reject(extract.malformed)
            for file, note in extract.notes:
                tally.warn(file, "", note, 1)
            if extract.excluded == extract.read:
                tally.warn(", ".join(tally.files), "", EXCLUDED_ALL, 1)
            for chunk in scratch.chunks():
                for column, table in crosswalks.items():
                    chunk[column] = _translate(chunk[column], table, tally)
                if not chunk.empty:
                    yield self._admit(entity, source, chunk, tally)
        if name not in _REFERRED_TO:
            self._known[name] = Known()

    def _load(self, scratch: Scratch, source: Source) -> None:
        for path in source.paths:
            # Buildings in a projected CRS are converted as points, after parsing.
            scratch.load(
                self.city.file(path), encoding=source.encoding, sheet=source.sheet, crs=source.crs
            )
        scratch.leave_out(source.leave_out)
        scratch.refuse_private()

    def _columns(
        self, entity: Entity, source: Source, present: tuple[str, ...]
    ) -> dict[str, str | Crosswalk]:
        """Every column to read: what city.toml says, else the file's column of that name."""
        allowed = list(entity.column_names)
        if entity.name == "buildings":
            allowed += list(self.city.areas)  # the area that the file itself states
        for name in source.columns:
            refuse_unknown(name, allowed, f"{self.city.config_file}: sources.{entity.name}.columns")
        headings = {name.casefold() for name in present}
        columns: dict[str, str | Crosswalk] = {
            name: quoted(name) for name in entity.column_names if name in headings
        }
        columns.update(source.columns)
        if source.layout == "wide":
            columns.pop("question_id", None)
            columns.pop("score", None)
            self._refuse_missing_questions(source, present)
        self._refuse_missing_columns(entity, source, columns, present)
        return columns

    def _refuse_missing_columns(
        self,
        entity: Entity,
        source: Source,
        columns: Mapping[str, object],
        present: tuple[str, ...],
    ) -> None:
        given = set(columns) | ({"question_id", "score"} if source.layout == "wide" else set())
        missing = [name for name in entity.required if name not in given]
        missing += [" or ".join(group) for group in entity.one_of if not given & set(group)]
        if missing:
            hint = (
                f"its only column is {present[0]!r}; columns are told apart by comma, semicolon, "
                "tab or bar"
                if len(present) == 1
                else f"it has {', '.join(present)}"
            )
            raise SourceError(
                f"{', '.join(source.paths)} lacks {', '.join(missing)} ({hint}). Name the file's "
                f"columns under [sources.{entity.name}.columns] in {self.city.config_file}."
            )

    def _refuse_missing_questions(self, source: Source, present: tuple[str, ...]) -> None:
        headings = {name.casefold() for name in present}
        for name in source.questions:
            if name.casefold() not in headings:
                near = difflib.get_close_matches(name, present, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise CityError(
                    f"{self.city.config_file}: questions.{name} is not a column of "
                    f"{', '.join(source.paths)}{hint or '.'}"
                )

    def _extract(
        self,
        scratch: Scratch,
        entity: Entity,
        source: Source,
        columns: Mapping[str, str | Crosswalk],
    ) -> Extract:
        expressions = {
            name: column.from_ if isinstance(column, Crosswalk) else column
            for name, column in columns.items()
        }
        if source.layout == "wide":
            expressions |= {_ANSWER + name: quoted(name) for name in source.questions}
        scratch.lock()
        extract = scratch.extract(expressions, source.where, source.qualify)
        if extract.read == 0:
            raise SourceError(
                f"{', '.join(source.paths)} has a header and no rows; add rows, or remove "
                f"[sources.{entity.name}] from {self.city.config_file}."
            )
        return extract

    def _read_crosswalk(self, name: str) -> pd.Series:
        for folder in (self.city.folder, CROSSWALKS):
            path = folder / name
            if path.is_file():
                columns = {"from": quoted("from"), "to": quoted("to")}
                table = self._read_table(path, f"crosswalk {name}", columns, ("from", "to"))
                table = table.drop_duplicates()
                twice = table["from"][table["from"].duplicated()]
                if not twice.empty:
                    raise SourceError(
                        f"{path} translates {twice.iloc[0]!r} in two ways; leave one of them."
                    )
                return table.dropna().set_index("from")["to"].rename(name)
        raise CityError(
            f"{self.city.config_file}: crosswalk {name!r} is neither in the city's folder nor "
            f"among those that come with pppdash ({CROSSWALKS})."
        )

    def _admit(
        self, entity: Entity, source: Source, chunk: pd.DataFrame, tally: Tally
    ) -> pd.DataFrame:
        """Parse, check and place one chunk; what remains may come in."""
        for name in chunk.columns.difference(["file", "row"]):
            chunk[name] = clean(chunk[name])
        rows = len(chunk)
        if source.layout == "wide":
            chunk = _melt(chunk, source)
        if source.layout == "wide" and entity.name == "survey_scores":
            chunk = chunk[chunk["score"].notna()].reset_index(drop=True)  # not published is no row
        for column in entity.columns:
            if column.name not in chunk:
                chunk[column.name] = pd.Series(pd.NA, chunk.index, dtype="str")
        if entity.name in ("survey_responses", "survey_scores"):
            chunk["score"] = chunk["score"].mask(chunk["score"].isin(source.not_answered))
        found = Findings(chunk, {"score": "question_id"} if source.layout == "wide" else None)
        typed = parse_columns(chunk, entity.columns, source.date_formats, found)
        check_values(typed, entity, self.today, found)
        self._check_across(typed, entity, found)
        extra = (
            self._place(typed, chunk, source, found, tally) if entity.name == "buildings" else {}
        )
        check_keys(typed, entity, self._known[entity.name], found)
        if source.layout == "wide":
            found.spread(["file", "row"])
        remember(typed, entity, found, self._known[entity.name])
        reasons = found.frame()
        tally.reject(reasons)
        tally.kept += rows - len(reasons[["file", "row"]].drop_duplicates())
        admitted = typed.assign(**extra)[~found.bad].reset_index(drop=True)
        if entity.name == "accounts":
            self._warn_of_early_accounts(admitted, tally)
        if entity.name == "survey_questions":
            self._remember_scales(admitted)
        return admitted

    def _check_across(self, typed: pd.DataFrame, entity: Entity, found: Findings) -> None:
        """Hold a chunk against what was read before it: references, scales, goals."""
        known = self._known
        if "targets" not in self.city.sources:
            known = {**known, "targets": known["buildings"]}  # one target per building
        check_references(typed, entity, known, found)
        if entity.name in ("survey_responses", "survey_scores"):
            check_scores(typed, self._scales, found)
        if entity.name == "goals":
            self._check_goals(typed, found)

    def _check_goals(self, typed: pd.DataFrame, found: Findings) -> None:
        typed["scope"] = typed["scope"].fillna("all")
        scope, key = typed["scope"], typed["key"]
        needless = (scope == "all") & key.notna()
        found.add(needless, "key", "is not needed where the goal is for all; leave it empty")
        found.add((scope == "sector") & ~key.isin(SECTORS), "key", "is not one of the 16 sectors")
        areas = {area for layer in self.layers.values() for area in layer.areas["area_id"]}
        unknown = (scope == "area") & ~key.isin(areas)
        found.add(unknown, "key", f"is not an area of {' or '.join(self.layers) or 'any layer'}")

    def _warn_of_early_accounts(self, accounts: pd.DataFrame, tally: Tally) -> None:
        launch = self.city.launched_on
        if launch is not None:
            early = int((accounts["enrolled_on"] < pd.Timestamp(launch)).sum())
            reason = f"lies before the program's launch on {launch}; it counts all the same"
            tally.warn(", ".join(tally.files), "enrolled_on", reason, early)

    def _remember_scales(self, questions: pd.DataFrame) -> None:
        scales = zip(questions["scale_min"], questions["scale_max"], strict=True)
        self._scales.update(dict(zip(questions["question_id"], scales, strict=True)))

    def _questions_of_wide_sources(self) -> Iterator[pd.DataFrame]:
        """Yield the questions that city.toml itself states, as rows of survey_questions."""
        stated: dict[str, Question] = {}
        for source in self.city.sources.values():
            stated |= source.questions
        rows = [
            {
                "question_id": name,
                "text": question.text,
                "scale_min": question.scale[0],
                "scale_max": question.scale[1],
                "theme": question.theme,
                "kind": question.kind,
            }
            for name, question in stated.items()
        ]
        if not rows:
            return
        tally = self.tallies.setdefault("survey_questions", Tally())
        tally.files += (self.city.config_file.name,)
        tally.read += len(rows)
        tally.kept += len(rows)
        known = self._known["survey_questions"]
        known.files.append(self.city.config_file.name)
        questions = pd.DataFrame(rows)
        known.kept.add(questions["question_id"], np.zeros(len(rows), "int64"))
        yield questions

    # -- places --------------------------------------------------------------------------

    def _place(
        self,
        typed: pd.DataFrame,
        chunk: pd.DataFrame,
        source: Source,
        found: Findings,
        tally: Tally,
    ) -> dict[str, pd.Series]:
        """Find every building's areas; the first layer decides who is too far out to keep."""
        if source.crs and not _is_map_file(source):
            _reproject(typed, source.crs)
        reasons = describe_misplaced(typed["longitude"], typed["latitude"], self.layers)
        misplaced = reasons.notna() & ~found.bad
        is_longitude = typed["longitude"].abs() > 180
        found.add(misplaced & is_longitude, "longitude", reasons)
        found.add(misplaced & ~is_longitude, "latitude", reasons)
        usable = ~found.bad
        area_ids: dict[str, pd.Series] = {}
        is_snapped = pd.Series(False, typed.index)
        points = gpd.points_from_xy(typed.loc[usable, "longitude"], typed.loc[usable, "latitude"])
        series = gpd.GeoSeries(points, index=typed.index[usable], crs="EPSG:4326")
        for number, layer in enumerate(self.layers.values()):
            placed = place(series, layer, self.city.settings.snap_m)
            area_ids[layer.name] = placed["area_id"].reindex(typed.index)
            if number == 0:
                is_snapped = placed["is_snapped"].reindex(typed.index, fill_value=False)
                self._reject_far(placed, typed, layer, found)
            if layer.name in source.columns:
                self._compare_stated(chunk[layer.name], area_ids[layer.name], layer, source, tally)
        file = ", ".join(tally.files)
        snapped = int((is_snapped & ~found.bad).sum())
        tally.warn(file, "longitude", "lies just outside every area and was snapped", snapped)
        return {"is_snapped": is_snapped.astype(bool), **area_ids}

    def _reject_far(
        self, placed: pd.DataFrame, typed: pd.DataFrame, layer: Layer, found: Findings
    ) -> None:
        is_far = placed["area_id"] == OUTSIDE
        if not is_far.any():
            return
        reason = "lies " + placed.loc[is_far, "distance_m"].map(_distance)
        reason += f" outside every area of {layer.name}; "
        reason += "mend its coordinates, or leave it out with `where`"
        found.add(is_far.reindex(typed.index, fill_value=False), "longitude", reason)

    def _compare_stated(
        self, stated: pd.Series, found: pd.Series, layer: Layer, source: Source, tally: Tally
    ) -> None:
        names = layer.areas.set_index("area_id")["name"]
        plain = _plain(stated)
        differs = stated.notna() & found.notna() & (found != OUTSIDE)
        differs &= (plain != _plain(found)) & (plain != _plain(found.map(names)))
        reason = f"names another {layer.name} than the polygon it lies in; the polygon counts"
        tally.warn(", ".join(source.paths), layer.name, reason, int(differs.sum()))


def _melt(chunk: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Make one row a question of one row a respondent; ``row`` still names the file's row."""
    questions = [_ANSWER + name for name in source.questions]
    rest = [name for name in chunk.columns if name not in questions]
    long = chunk.melt(rest, questions, "question_id", "score", ignore_index=True)
    long["question_id"] = long["question_id"].str.removeprefix(_ANSWER)
    return long.astype({"question_id": "str", "score": "str"})


def _translate(values: pd.Series, table: pd.Series, tally: Tally) -> pd.Series:
    cleaned = clean(values)
    unlisted = cleaned[cleaned.notna() & ~cleaned.isin(table.index)].value_counts()
    file, column = str(table.name), str(values.name)
    for value, count in unlisted.head(SHOWN_UNLISTED).items():
        shown = mask_text(str(value)[:200])[:100]
        tally.warn(file, column, f"lacks {shown!r}; it counts as not given", int(count))
    rest = unlisted.iloc[SHOWN_UNLISTED:]
    tally.warn(file, column, "lacks more values; they count as not given", int(rest.sum()))
    return cleaned.map(table)


def _is_map_file(source: Source) -> bool:
    return Path(source.paths[0]).suffix.lower() not in _TABLES


def _reproject(typed: pd.DataFrame, crs: str) -> None:
    points = gpd.GeoSeries(gpd.points_from_xy(typed["longitude"], typed["latitude"]), crs=crs)
    degrees = points.to_crs("EPSG:4326")
    typed["longitude"] = degrees.x.to_numpy()
    typed["latitude"] = degrees.y.to_numpy()


def _plain(text: pd.Series) -> pd.Series:
    return text.astype("str").str.lower().str.replace(r"[^\w]", "", regex=True)


def _distance(meters: float) -> str:
    return f"{meters:,.0f} m" if meters < 10_000 else f"{meters / 1000:,.0f} km"
