/*
description: >
  The map's counts by cell and month, for whole months at far-out zooms: by how much each changed
  in the month, so that they are summed up to a date; what has no date stands in month 0001-01-01.
  A cell of a level is 1 / 2^level of a world's width. Levels run from 5 to the finest whose
  occupied cells hold more than 200 buildings on average, 8 at least. Rows of sector and size band
  All hold the sums over both: at ten million buildings a view that filters neither takes 5 ms by
  them and 15 to 25 ms without. Stored by level, those sums first, and along the curve.
grain: [level, cell_x, cell_y, sector, size_band, month]
columns:
  level: How fine the cells are
  cell_x: Number of the cell from west to east
  cell_y: Number of the cell from north to south
  sector: The building's or account's sector, or All
  size_band: The building's or account's size band, or All
  month: First day of the month
  buildings: {is: Buildings, unit: buildings}
  quick_wins: {is: Buildings with a quick win among their targets, unit: buildings}
  members: {is: Buildings that belong to another program themselves or by a target, unit: buildings}
  buildings_enrolled: {is: Change of buildings with an active account, unit: buildings}
  buildings_ended: {is: Change of buildings that only had one, unit: buildings}
  accounts_active: {is: Change of active accounts, unit: accounts}
  accounts_dormant: {is: Change of dormant accounts, unit: accounts}
not_null:
  - level
  - cell_x
  - cell_y
  - sector
  - size_band
  - month
  - buildings
  - quick_wins
  - members
  - buildings_enrolled
  - buildings_ended
  - accounts_active
  - accounts_dormant
checks:
  - (sector = 'All') = (size_band = 'All')
  - month = date_trunc('month', month)
*/
with recursive neighbors as (
    select
        x,
        y,
        lag(x) over along as x_before,
        lag(y) over along as y_before
    from staging.buildings
    window along as (order by place)
),

-- Cells follow one another along the curve, so a level has as many occupied cells, but one, as
-- there are neighbors on the curve that it tells apart: from the level of their first different
-- bit on.
parted as (
    select
        28 - floor(log2(greatest(xor(x, x_before), xor(y, y_before))))::integer as level,
        count(*) as cells
    from neighbors
    where x <> x_before or y <> y_before
    group by level
),

levels as (
    select unnest(range(5, 29)) as level
),

occupied as (
    select
        l.level,
        1 + coalesce(sum(p.cells), 0) as cells
    from levels as l
    left join parted as p on l.level >= p.level
    group by l.level
),

city as (
    select count(*) as buildings
    from staging.buildings
),

finest as (
    select greatest(8, max(o.level))::integer as level
    from occupied as o
    cross join city as c
    where o.level = 5 or c.buildings > 200 * o.cells
),

counted as (
    select
        x,
        y,
        sector,
        size_band,
        date '0001-01-01' as month,
        1 as buildings,
        (quick_wins > 0)::integer as quick_wins,
        is_member::integer as members,
        0 as buildings_enrolled,
        0 as buildings_ended,
        0 as accounts_active,
        0 as accounts_dormant
    from marts.buildings
    union all by name
    select
        x,
        y,
        sector,
        size_band,
        date_trunc('month', changed_on)::date as month,
        buildings_enrolled,
        buildings_ended,
        accounts_active,
        accounts_dormant
    from marts.building_changes
),

pyramid as (
    select
        f.level,
        c.x >> (28 - f.level) as cell_x,
        c.y >> (28 - f.level) as cell_y,
        c.sector,
        c.size_band,
        c.month,
        coalesce(sum(c.buildings), 0)::integer as buildings,
        coalesce(sum(c.quick_wins), 0)::integer as quick_wins,
        coalesce(sum(c.members), 0)::integer as members,
        sum(c.buildings_enrolled)::integer as buildings_enrolled,
        sum(c.buildings_ended)::integer as buildings_ended,
        sum(c.accounts_active)::integer as accounts_active,
        sum(c.accounts_dormant)::integer as accounts_dormant
    from counted as c
    cross join finest as f
    group by all
    union all
    select
        level - 1 as level,
        cell_x >> 1 as cell_x,
        cell_y >> 1 as cell_y,
        sector,
        size_band,
        month,
        sum(buildings)::integer as buildings,
        sum(quick_wins)::integer as quick_wins,
        sum(members)::integer as members,
        sum(buildings_enrolled)::integer as buildings_enrolled,
        sum(buildings_ended)::integer as buildings_ended,
        sum(accounts_active)::integer as accounts_active,
        sum(accounts_dormant)::integer as accounts_dormant
    from pyramid
    where level > 5
    group by all
),

whole as (
    select
        level,
        cell_x,
        cell_y,
        'All' as sector,
        'All' as size_band,
        month,
        sum(buildings)::integer as buildings,
        sum(quick_wins)::integer as quick_wins,
        sum(members)::integer as members,
        sum(buildings_enrolled)::integer as buildings_enrolled,
        sum(buildings_ended)::integer as buildings_ended,
        sum(accounts_active)::integer as accounts_active,
        sum(accounts_dormant)::integer as accounts_dormant
    from pyramid
    group by level, cell_x, cell_y, month
)

select *
from (
    select * from pyramid
    union all
    select * from whole
) as both_kinds
order by level, sector <> 'All', curve(cell_x, cell_y), sector, size_band, month
