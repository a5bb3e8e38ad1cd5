"""The made city's CSV files: columns turned into text, some rows at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pppdash.sample.accounts import Accounts
from pppdash.sample.draws import NONE, between, stream
from pppdash.sample.outreach import OUTCOMES, Contacts, Memberships
from pppdash.sample.places import Places
from pppdash.sample.recipe import BANDS, PRONGS, Recipe
from pppdash.sample.survey import WaveAnswers

CHUNK = 100_000  # rows turned into text at once

Column = Sequence[Any]
Chunks = Iterator[list[Column]]


@dataclass(frozen=True)
class Table:
    """A file to write: its entity's name, its header, its rows in chunks of columns."""

    entity: str
    header: tuple[str, ...]
    chunks: Iterable[list[Column]]


def write_table(folder: Path, table: Table) -> Path:
    """Write ``<entity>.csv``: UTF-8, line feeds, quotes only where needed."""
    path = folder / f"{table.entity}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.header)
        for columns in table.chunks:
            writer.writerows(zip(*columns, strict=True))
    return path


def _slices(rows: int) -> Iterator[slice]:
    for start in range(0, rows, CHUNK):
        yield slice(start, min(start + CHUNK, rows))


def _ids(prefix: str, codes: NDArray[Any], total: int) -> list[str]:
    """Return ids numbered from 1, all of one width, blank for ``NONE``."""
    width = len(str(total))
    return ["" if n < 0 else f"{prefix}{n + 1:0{width}d}" for n in codes.tolist()]


def _range_ids(prefix: str, part: slice, total: int) -> list[str]:
    return _ids(prefix, np.arange(part.start, part.stop), total)


def _dates(days: NDArray[Any]) -> list[str]:
    text = np.datetime_as_string(days.astype("datetime64[D]")).tolist()
    return ["" if day < 0 else written for day, written in zip(days.tolist(), text, strict=True)]


def _counts(numbers: NDArray[Any]) -> list[Any]:
    return ["" if number < 0 else number for number in numbers.tolist()]


def _labels(codes: NDArray[Any], labels: Sequence[str]) -> list[str]:
    return [labels[code] for code in codes.tolist()]


def _degrees(values: NDArray[Any]) -> list[str]:
    return [f"{value:.6f}" for value in values.tolist()]


class Names:
    """Invented names; a building's is the same wherever it is asked for."""

    def __init__(self, recipe: Recipe, places: Places, seed: int) -> None:
        self._recipe, self._places, self._seed = recipe, places, seed
        words = len(recipe.names.words)
        rng = stream(seed, "building names")
        self._word = rng.integers(words, size=places.buildings).astype(np.int16)
        self._width = len(str(places.buildings))

    def buildings(self, rows: NDArray[Any]) -> list[str]:
        """Return the names of these buildings: "Juniper Foundry 0031"."""
        words = self._recipe.names.words
        premises = [sector.premises for sector in self._recipe.sectors]
        places, width = self._places, self._width
        return [
            f"{words[word]} {premises[sector][row % len(premises[sector])]} {row + 1:0{width}d}"
            for row, word, sector in zip(
                rows.tolist(),
                self._word[rows].tolist(),
                places.building_sector[rows].tolist(),
                strict=True,
            )
        ]

    def organizations(self) -> Iterator[list[str]]:
        """Yield the names of all targets, chunk by chunk: "Alder & Finch Freight 00412"."""
        words, sectors, places = self._recipe.names.words, self._recipe.sectors, self._places
        rng, width = stream(self._seed, "organization names"), len(str(places.targets))
        for part in _slices(places.targets):
            size = part.stop - part.start
            first = rng.integers(len(words), size=size)
            second = (first + rng.integers(1, len(words), size=size)) % len(words)
            homes = self.buildings(places.building[part])
            yield [
                f"{home} Management"
                if manages
                else f"{words[a]} & {words[b]} "
                f"{sectors[code].trades[(a + b) % len(sectors[code].trades)]} {n:0{width}d}"
                for n, home, manages, a, b, code in zip(
                    range(part.start + 1, part.stop + 1),
                    homes,
                    places.is_manager[part].tolist(),
                    first.tolist(),
                    second.tolist(),
                    places.target_sector[part].tolist(),
                    strict=True,
                )
            ]


def _addresses(recipe: Recipe, rows: int, seed: int) -> Iterator[list[str]]:
    """Yield invented addresses, chunk by chunk: "1204 N Specimen Avenue"."""
    names, rng = recipe.names, stream(seed, "addresses")
    parts = (names.directions, names.streets, names.street_kinds)
    for part in _slices(rows):
        size = part.stop - part.start
        number = between(rng, 1, 9999, size).tolist()
        words = [_labels(rng.integers(len(labels), size=size), labels) for labels in parts]
        yield [" ".join(row) for row in zip(map(str, number), *words, strict=True)]


def buildings_table(recipe: Recipe, places: Places, names: Names, seed: int) -> Table:
    """``buildings.csv``: one row a building."""
    owners = int(max(places.building_owner.max(), places.target_owner.max())) + 1

    def chunks() -> Chunks:
        addresses = _addresses(recipe, places.buildings, seed)
        for part, address in zip(_slices(places.buildings), addresses, strict=True):
            yield [
                _range_ids("B", part, places.buildings),
                _degrees(places.longitude[part]),
                _degrees(places.latitude[part]),
                names.buildings(np.arange(part.start, part.stop)),
                address,
                _labels(places.building_sector[part], recipe.sector_names),
                _counts(places.floor_area_sqft[part]),
                _counts(places.occupants[part]),
                _ids("W", places.building_owner[part], owners),
            ]

    header = (
        "building_id", "longitude", "latitude", "name", "address",
        "sector", "floor_area_sqft", "occupants", "owner_id",
    )  # fmt: skip
    return Table("buildings", header, chunks())


def targets_table(recipe: Recipe, places: Places, names: Names) -> Table:
    """``targets.csv``: one row a target; a sector left blank is the building's."""
    owners = int(max(places.building_owner.max(), places.target_owner.max())) + 1
    no_sector = (*recipe.sector_names, "")

    def chunks() -> Chunks:
        for part, organization in zip(_slices(places.targets), names.organizations(), strict=True):
            own = np.where(places.has_own_sector[part], places.target_sector[part], NONE)
            yield [
                _range_ids("T", part, places.targets),
                _ids("B", places.building[part], places.buildings),
                organization,
                _labels(np.where(places.is_manager[part], 0, 1), ("manager", "tenant")),
                _labels(own, no_sector),
                _counts(places.employees[part]),
                _labels(places.is_quick_win[part].astype(int), ("false", "true")),
                _ids("W", places.target_owner[part], owners),
                [""] * (part.stop - part.start),
            ]

    header = (
        "target_id", "building_id", "organization", "role", "sector",
        "employees", "is_quick_win", "owner_id", "listed_on",
    )  # fmt: skip
    return Table("targets", header, chunks())


def accounts_table(places: Places, accounts: Accounts) -> Table:
    """``accounts.csv``: one row an account; some name the building alone."""
    total = len(accounts.target)

    def chunks() -> Chunks:
        for part in _slices(total):
            target, by_building = accounts.target[part], accounts.names_building[part]
            yield [
                _range_ids("A", part, total),
                _ids("T", np.where(by_building, NONE, target), places.targets),
                _ids("B", np.where(by_building, places.building[target], NONE), places.buildings),
                _dates(accounts.enrolled[part]),
                _dates(accounts.ended[part]),
                _dates(accounts.last_active[part]),
                _labels(accounts.is_simplified[part].astype(int), ("memorandum", "simplified")),
                _dates(accounts.invited[part]),
                _labels(accounts.is_targeted[part].astype(int), PRONGS),
            ]

    header = (
        "account_id", "target_id", "building_id", "enrolled_on", "ended_on",
        "last_active_on", "form", "invited_on", "prong",
    )  # fmt: skip
    return Table("accounts", header, chunks())


def memberships_table(recipe: Recipe, places: Places, members: Memberships) -> Table:
    """``memberships.csv``: one row a target or building and program."""
    programs = [part.program for part in recipe.memberships]

    def chunks() -> Chunks:
        for part in _slices(len(members.program)):
            yield [
                _ids("T", members.target[part], places.targets),
                _ids("B", members.building[part], places.buildings),
                _labels(members.program[part], programs),
            ]

    return Table("memberships", ("target_id", "building_id", "program"), chunks())


def contacts_table(recipe: Recipe, places: Places, contacts: Contacts) -> Table:
    """``outreach_contacts.csv``: one row a contact."""
    total = len(contacts.target)
    channels = [tuple(recipe.outreach.prongs[prong].channels) for prong in PRONGS]

    def chunks() -> Chunks:
        for part in _slices(total):
            prong, channel = contacts.prong[part].tolist(), contacts.channel[part].tolist()
            yield [
                _range_ids("C", part, total),
                _ids("T", contacts.target[part], places.targets),
                _dates(contacts.contacted[part]),
                [channels[a][b] for a, b in zip(prong, channel, strict=True)],
                _labels(contacts.prong[part], PRONGS),
                _labels(contacts.outcome[part], OUTCOMES),
                contacts.staff_hours[part].tolist(),
            ]

    header = (
        "contact_id", "target_id", "contacted_on", "channel", "prong", "outcome", "staff_hours",
    )  # fmt: skip
    return Table("outreach_contacts", header, chunks())


def responses_table(recipe: Recipe, places: Places, waves: Sequence[WaveAnswers]) -> Table:
    """``survey_responses.csv``: one row an answer; nothing where a question was left out."""
    ids = [question.question_id for question in recipe.survey.questions]

    def chunks() -> Chunks:
        for wave in waves:
            who, what = np.nonzero(wave.scores != NONE)
            yield [
                [recipe.survey.waves[wave.code].wave.isoformat()] * len(who),
                _ids("R", wave.target[who], places.targets),
                _labels(what, ids),
                wave.scores[who, what].tolist(),
                _comments(recipe, wave, who, what == ids.index(recipe.survey.comments.question_id)),
                _ids("T", wave.target[who], places.targets),
            ]

    header = ("wave", "respondent_id", "question_id", "score", "comment", "target_id")
    return Table("survey_responses", header, chunks())


def _comments(
    recipe: Recipe, wave: WaveAnswers, who: NDArray[Any], is_beside: NDArray[Any]
) -> list[str]:
    """Return the comment of each row: a respondent's own, beside one of their answers."""
    themes = recipe.survey.comments.themes
    texts = [""] * len(who)
    for row in np.flatnonzero(is_beside & (wave.comment_theme[who] != NONE)).tolist():
        sentences = themes[wave.comment_theme[who[row]]].sentences
        chosen = wave.comment_sentences[who[row]].tolist()
        texts[row] = " ".join(sentences[code] for code in chosen if code != NONE)
    return texts


def margins_table(recipe: Recipe, waves: Sequence[WaveAnswers]) -> Table:
    """``survey_margins.csv``: partners on the day of each wave, by size band."""
    rows = [
        (recipe.survey.waves[wave.code].wave.isoformat(), "size_band", band, count)
        for wave in waves
        for band, count in zip(BANDS, wave.population.tolist(), strict=True)
    ]
    return _listed("survey_margins", ("wave", "variable", "value", "population"), rows)


def waves_table(recipe: Recipe, waves: Sequence[WaveAnswers]) -> Table:
    """``survey_waves.csv``: how many partners each wave asked."""
    parts = recipe.survey.waves
    rows = [(parts[one.code].wave.isoformat(), one.invited, parts[one.code].label) for one in waves]
    return _listed("survey_waves", ("wave", "invited", "label"), rows)


def questions_table(recipe: Recipe) -> Table:
    """``survey_questions.csv``: one row a question."""
    rows = [
        (one.question_id, one.text, *one.scale, one.theme, one.kind)
        for one in recipe.survey.questions
    ]
    header = ("question_id", "text", "scale_min", "scale_max", "theme", "kind")
    return _listed("survey_questions", header, rows)


def flash_points_table(recipe: Recipe) -> Table:
    """``flash_points.csv``: the recipe's events, without what it plants around them."""
    header = (
        "flash_point_id", "name", "started_on", "ended_on", "kind", "scope",
        "longitude", "latitude",
    )  # fmt: skip
    rows = [tuple(getattr(point, column) for column in header) for point in recipe.flash_points]
    return _listed("flash_points", header, rows)


def goals_table(recipe: Recipe) -> Table:
    """``goals.csv``: the recipe's goals."""
    header = ("metric", "scope", "key", "target", "due", "owner")
    return _listed(
        "goals",
        header,
        [tuple(getattr(goal, column) for column in header) for goal in recipe.goals],
    )


def _listed(entity: str, header: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> Table:
    """Return a short table of given rows; None is written as a blank."""
    return Table(entity, header, [list(zip(*rows, strict=True))] if rows else [])
