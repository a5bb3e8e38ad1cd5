"""Buildings inside their areas, and the targets that they hold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from pppdash.errors import CityError
from pppdash.sample.draws import (
    NONE,
    Bools,
    Floats,
    Ints,
    happens,
    lognormal,
    pick,
    split,
    stream,
    table,
)
from pppdash.sample.recipe import BANDS, AreaGroup, Recipe

DECIMALS = 6  # of a degree: about 10 cm
BATCH = 500_000  # points tried at once


@dataclass(frozen=True)
class Places:
    """The made buildings and targets, as columns.

    Codes index ``recipe.sectors``, ``recipe.area_groups`` and ``BANDS``; ``NONE`` is a blank.
    ``target_sector`` is the sector that counts; ``has_own_sector`` says whether the target's row
    states it (a manager's is left to its building).
    """

    group: NDArray[np.int8]
    longitude: Floats
    latitude: Floats
    building_sector: NDArray[np.int8]
    building_owner: NDArray[np.int32]
    floor_area_sqft: NDArray[np.int32]
    occupants: NDArray[np.int32]
    targets_in: NDArray[np.int32]
    building: NDArray[np.int32]
    is_manager: Bools
    target_sector: NDArray[np.int8]
    has_own_sector: Bools
    employees: NDArray[np.int32]
    band: NDArray[np.int8]
    is_quick_win: Bools
    target_owner: NDArray[np.int32]

    @property
    def buildings(self) -> int:
        """How many buildings there are."""
        return len(self.group)

    @property
    def targets(self) -> int:
        """How many targets there are."""
        return len(self.building)

    @cached_property
    def may_be_meant_by_building(self) -> Bools:
        """Return which targets an account enrolls that names only their building.

        That is a building's sole target, else its manager (no building has two).
        """
        is_sole: Bools = self.targets_in[self.building] == 1
        return is_sole | self.is_manager


def make_places(recipe: Recipe, targets: int, buildings: int, seed: int) -> Places:
    """Make ``buildings`` buildings and exactly ``targets`` targets, at least one in each."""
    group, longitude, latitude = _locate(recipe, buildings, seed)
    targets_in = _tenancy(recipe, group, targets, seed)
    building_sector = _building_sectors(recipe, group, seed)
    owner, owners = _owners(recipe, buildings, seed)
    floor_area, occupants = _sizes(recipe, targets_in, seed)

    building = np.repeat(np.arange(buildings, dtype=np.int32), targets_in)
    is_manager = _managers(recipe, targets_in, building, seed)
    own, sector = _target_sectors(recipe, group, building_sector, building, is_manager, seed)
    employees, band = _employees(recipe, sector, seed)
    quick = happens(
        stream(seed, "quick win"), table(recipe.targets.quick_win, BANDS)[band], targets
    )
    return Places(
        group=group,
        longitude=longitude,
        latitude=latitude,
        building_sector=building_sector,
        building_owner=owner,
        floor_area_sqft=floor_area,
        occupants=occupants,
        targets_in=targets_in.astype(np.int32),
        building=building,
        is_manager=is_manager,
        target_sector=sector,
        has_own_sector=own,
        employees=employees,
        band=band,
        is_quick_win=quick,
        target_owner=_target_owners(recipe, owner[building], owners, is_manager, seed),
    )


def _locate(recipe: Recipe, buildings: int, seed: int) -> tuple[NDArray[np.int8], Floats, Floats]:
    """Spread buildings over the areas, and uniformly over the land of each."""
    shapes = _area_shapes(recipe)
    land = {area: shape.area for area, shape in shapes.items()}
    weights, groups = [], []
    for code, group in enumerate(recipe.area_groups):
        whole = sum(land[area] for area in group.areas)
        weights += [group.buildings * land[area] / whole for area in group.areas]
        groups += [code] * len(group.areas)
    polygons = [shapes[area] for group in recipe.area_groups for area in group.areas]

    area = pick(stream(seed, "building area"), weights, buildings)
    counts = np.bincount(area, minlength=len(polygons))
    order = np.argsort(area, kind="stable")
    longitude, latitude = np.empty(buildings), np.empty(buildings)
    ends = np.cumsum(counts)
    rng = stream(seed, "coordinates")
    for polygon, count, end in zip(polygons, counts.tolist(), ends.tolist(), strict=True):
        rows = order[end - count : end]
        longitude[rows], latitude[rows] = _points_within(polygon, count, rng)
    return np.array(groups, dtype=np.int8)[area], longitude, latitude


def _area_shapes(recipe: Recipe) -> dict[str, shapely.Geometry]:
    """Read the default layer's polygons by id; groups must name each of them once."""
    path = recipe.path.parent / recipe.city.layers[0].path
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
    except (OSError, ValueError, KeyError) as error:
        raise CityError(f"{path} cannot be read as GeoJSON: {error}.") from error
    shapes = {
        str(feature["properties"]["area_id"]): shapely.geometry.shape(feature["geometry"])
        for feature in features
    }
    grouped = {area for group in recipe.area_groups for area in group.areas}
    if grouped != set(shapes):
        odd = ", ".join(sorted(grouped ^ set(shapes)))
        raise CityError(f"{recipe.path}: area_groups and {path.name} differ in these areas: {odd}.")
    return shapes


def _points_within(
    polygon: shapely.Geometry, count: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw points uniformly within a polygon; they lie inside it *after* rounding."""
    shapely.prepare(polygon)
    west, south, east, north = polygon.bounds
    filled = polygon.area / ((east - west) * (north - south))
    points = np.empty((count, 2))
    done = 0
    while done < count:
        tries = min(int((count - done) / filled * 1.05) + 16, BATCH)
        tried = rng.random((tries, 2)) * (east - west, north - south) + (west, south)
        tried = np.round(tried, DECIMALS)
        inside = tried[shapely.contains_xy(polygon, tried)][: count - done]
        points[done : done + len(inside)] = inside
        done += len(inside)
    return points[:, 0], points[:, 1]


def _tenancy(recipe: Recipe, group: NDArray[np.int8], targets: int, seed: int) -> Ints:
    """Return each building's number of targets: one, and its part of the rest."""
    tenants = np.array([part.tenants for part in recipe.area_groups])[group]
    rng = stream(seed, "tenancy")
    weights = lognormal(rng, tenants, recipe.buildings.tenants_spread, len(group))
    return 1 + split(rng, targets - len(group), weights)


def _mix(recipe: Recipe, group: AreaGroup) -> Floats:
    """Return the weights of all sectors in a group of areas."""
    shares = np.array([sector.share for sector in recipe.sectors])
    return shares * table(group.sector_odds, recipe.sector_names)


def _sectors(recipe: Recipe, group: NDArray[np.int8], rng: np.random.Generator) -> NDArray[np.int8]:
    """Draw one sector for each entry of ``group`` from that group's mix."""
    sectors = np.empty(len(group), dtype=np.int8)
    for code, part in enumerate(recipe.area_groups):
        here = np.flatnonzero(group == code)
        sectors[here] = pick(rng, _mix(recipe, part), len(here))
    return sectors


def _building_sectors(recipe: Recipe, group: NDArray[np.int8], seed: int) -> NDArray[np.int8]:
    return _sectors(recipe, group, stream(seed, "building sector"))


def _owners(recipe: Recipe, buildings: int, seed: int) -> tuple[NDArray[np.int32], int]:
    """Return each building's owner and how many owners there are; some hold several."""
    rng = stream(seed, "building owner")
    shared = happens(rng, recipe.buildings.portfolio_share, buildings)
    holders = max(1, round(int(shared.sum()) / recipe.buildings.portfolio_size))
    owner = np.empty(buildings, dtype=np.int32)
    owner[shared] = rng.integers(holders, size=int(shared.sum()))
    alone = buildings - int(shared.sum())
    owner[~shared] = holders + np.arange(alone)
    return owner, holders + alone


def _sizes(
    recipe: Recipe, targets_in: Ints, seed: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return floor area in square feet (to the hundred) and occupants."""
    rng, part = stream(seed, "floor area"), recipe.buildings
    median = np.asarray(part.floor_area_median_sqft * targets_in**0.9, dtype=np.float64)
    area = lognormal(rng, median, part.floor_area_spread, len(targets_in))
    occupants = np.maximum(1, np.round(area / part.sqft_per_occupant))
    occupants[happens(rng, part.occupants_unknown, len(targets_in))] = NONE
    return (np.maximum(1, np.round(area / 100)) * 100).astype(np.int32), occupants.astype(np.int32)


def _managers(recipe: Recipe, targets_in: Ints, building: NDArray[np.int32], seed: int) -> Bools:
    """Return which targets manage their building: the first of each, where it has a manager."""
    share = np.where(targets_in == 1, recipe.targets.sole_is_manager, recipe.targets.has_manager)
    has_manager = happens(stream(seed, "manager"), share, len(targets_in))
    is_first = np.diff(building, prepend=-1) > 0
    return is_first & has_manager[building]


def _target_sectors(
    recipe: Recipe,
    group: NDArray[np.int8],
    building_sector: NDArray[np.int8],
    building: NDArray[np.int32],
    is_manager: Bools,
    seed: int,
) -> tuple[Bools, NDArray[np.int8]]:
    """Return which targets state a sector of their own, and the sector that counts.

    A blank falls back on the building's sector, so a tenant drawn without one takes it too.
    """
    rng = stream(seed, "target sector")
    own = happens(rng, recipe.targets.tenant_own_sector, len(building)) & ~is_manager
    sector = building_sector[building]
    drawn = _sectors(recipe, group[building], rng)
    blank = np.array([name == "" for name in recipe.sector_names])
    own &= ~blank[drawn]
    return own, np.where(own, drawn, sector)


def _employees(
    recipe: Recipe, sector: NDArray[np.int8], seed: int
) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """Return employees and the size band that they put a target in."""
    rng, part = stream(seed, "employees"), recipe.targets
    median = np.array([one.employees for one in recipe.sectors])[sector]
    drawn = lognormal(rng, median, part.employees_spread, len(sector))
    employees = np.maximum(1, np.round(drawn)).astype(np.int32)
    edges = [part.size_bands.mid_sized, part.size_bands.large]
    band = np.searchsorted(edges, employees, side="right").astype(np.int8)
    unknown = happens(rng, part.employees_unknown, len(sector))
    employees[unknown], band[unknown] = NONE, BANDS.index("Unknown")
    return employees, band


def _target_owners(
    recipe: Recipe, landlord: NDArray[np.int32], owners: int, is_manager: Bools, seed: int
) -> NDArray[np.int32]:
    """Return each target's owner: the building's for its manager, a chain's for some tenants."""
    rng, part = stream(seed, "chains"), recipe.targets
    in_chain = happens(rng, part.chain_share, len(landlord)) & ~is_manager
    members = int(in_chain.sum())
    chains = max(1, round(members / part.chain_size))
    owner = np.where(is_manager, landlord, NONE).astype(np.int32)
    owner[in_chain] = owners + rng.integers(chains, size=members)
    return owner
