/*
description: >
  By how much each stock metric changed on a day in an area, so that a stock on any day is the sum
  of its column up to that day: the same number as counting the rows that hold then. Layer and
  area '' are the whole city; what has always been there changed on 0001-01-01.
grain: [layer, area_id, sector, size_band, changed_on]
columns:
  layer: The layer's name in city.toml; '' for the whole city
  area_id: The area, or Outside; '' for the whole city
  sector: Sector of what is counted
  size_band: Size band of what is counted
  changed_on: Day from which on the numbers are other; 0001-01-01 for what carries no date
  targets: {is: More targets than the day before, unit: targets}
  targets_enrolled: {is: More targets enrolled, unit: targets}
  buildings: {is: More buildings, unit: buildings}
  buildings_enrolled: {is: More buildings reached, unit: buildings}
  accounts_active: {is: More active accounts, unit: accounts}
  accounts_dormant: {is: More dormant accounts, unit: accounts}
not_null: [layer, area_id, sector, size_band, changed_on, targets, targets_enrolled, buildings,
  buildings_enrolled, accounts_active, accounts_dormant]
checks:
  - (layer = '') = (area_id = '')
  - >
    targets <> 0 or targets_enrolled <> 0 or buildings <> 0 or buildings_enrolled <> 0
    or accounts_active <> 0 or accounts_dormant <> 0
*/
-- Each stock as metrics/registry.py defines it: a mart's rows, from when until when.
with stretches as not materialized (
    select
        place,
        sector,
        size_band,
        coalesce(listed_on, date '0001-01-01') as starts_on,
        removed_on as ends_on,
        1 as targets
    from marts.targets
    union all by name
    select
        place,
        sector,
        size_band,
        enrolled_on as starts_on,
        ended_on as ends_on,
        1 as targets_enrolled
    from marts.target_enrollments
    union all by name
    select
        place,
        sector,
        size_band,
        date '0001-01-01' as starts_on,
        1 as buildings
    from marts.buildings
    union all by name
    select
        place,
        sector,
        size_band,
        enrolled_on as starts_on,
        ended_on as ends_on,
        1 as buildings_enrolled
    from marts.building_enrollments
    union all by name
    select
        place,
        sector,
        size_band,
        enrolled_on as starts_on,
        ended_on as ends_on,
        1 as accounts_active
    from marts.accounts
    union all by name
    select
        place,
        sector,
        size_band,
        dormant_on as starts_on,
        ended_on as ends_on,
        1 as accounts_dormant
    from marts.accounts
    where dormant_on is not null
),

-- Summed before anything else is done with them: what millions of rows say fits a few thousand.
placed as (
    select
        '' as layer,
        '' as area_id,
        sector,
        size_band,
        starts_on,
        ends_on,
        sum(targets) as targets,
        sum(targets_enrolled) as targets_enrolled,
        sum(buildings) as buildings,
        sum(buildings_enrolled) as buildings_enrolled,
        sum(accounts_active) as accounts_active,
        sum(accounts_dormant) as accounts_dormant
    from stretches
    group by sector, size_band, starts_on, ends_on
    union all
    select
        p.layer,
        p.area_id,
        s.sector,
        s.size_band,
        s.starts_on,
        s.ends_on,
        sum(s.targets) as targets,
        sum(s.targets_enrolled) as targets_enrolled,
        sum(s.buildings) as buildings,
        sum(s.buildings_enrolled) as buildings_enrolled,
        sum(s.accounts_active) as accounts_active,
        sum(s.accounts_dormant) as accounts_dormant
    from stretches as s
    inner join marts.building_areas as p on s.place = p.place
    group by p.layer, p.area_id, s.sector, s.size_band, s.starts_on, s.ends_on
),

-- A stretch that ends no later than it starts holds on no day.
turns as (
    select
        *,
        starts_on as changed_on,
        1 as sign
    from placed
    where ends_on is null or ends_on > starts_on
    union all
    select
        *,
        ends_on as changed_on,
        -1 as sign
    from placed
    where ends_on > starts_on
),

changes as (
    select
        layer,
        area_id,
        sector,
        size_band,
        changed_on,
        coalesce(sum(sign * targets), 0)::integer as targets,
        coalesce(sum(sign * targets_enrolled), 0)::integer as targets_enrolled,
        coalesce(sum(sign * buildings), 0)::integer as buildings,
        coalesce(sum(sign * buildings_enrolled), 0)::integer as buildings_enrolled,
        coalesce(sum(sign * accounts_active), 0)::integer as accounts_active,
        coalesce(sum(sign * accounts_dormant), 0)::integer as accounts_dormant
    from turns
    group by layer, area_id, sector, size_band, changed_on
)

select *
from changes
where
    targets <> 0
    or targets_enrolled <> 0
    or buildings <> 0
    or buildings_enrolled <> 0
    or accounts_active <> 0
    or accounts_dormant <> 0
order by layer, area_id, changed_on
