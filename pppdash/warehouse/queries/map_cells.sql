-- Counts by cell of one level of the pyramid as of a date: whole months from marts.map_cells, the
-- days after the last whole one from marts.building_changes. Cells run from west to east and from
-- north to south, both ends included; where nothing is, there is no row.
with counted as (
    select
        cell_x,
        cell_y,
        buildings,
        buildings_enrolled,
        buildings_ended,
        accounts_active,
        accounts_dormant,
        quick_wins,
        members
    from marts.map_cells
    where
        level = $level
        and cell_x between $west and $east
        and cell_y between $north and $south
        and month < date_trunc('month', $as_of::date + 1)::date
        and case
            when $sectors is null and $size_bands is null then sector = 'All'
            else
                sector <> 'All'
                and ($sectors is null or list_contains($sectors, sector))
                and ($size_bands is null or list_contains($size_bands, size_band))
        end
    union all
    select
        x >> (28 - $level) as cell_x,
        y >> (28 - $level) as cell_y,
        0 as buildings,
        buildings_enrolled,
        buildings_ended,
        accounts_active,
        accounts_dormant,
        0 as quick_wins,
        0 as members
    from marts.building_changes
    where
        x between $west::bigint << (28 - $level)
        and (($east::bigint + 1) << (28 - $level)) - 1
        and y between $north::bigint << (28 - $level)
        and (($south::bigint + 1) << (28 - $level)) - 1
        and changed_on between date_trunc('month', $as_of::date + 1)::date and $as_of
        and ($sectors is null or list_contains($sectors, sector))
        and ($size_bands is null or list_contains($size_bands, size_band))
)

select
    cell_x,
    cell_y,
    sum(buildings)::integer as buildings,
    sum(buildings_enrolled)::integer as buildings_enrolled,
    sum(buildings_ended)::integer as buildings_ended,
    sum(accounts_active)::integer as accounts_active,
    sum(accounts_dormant)::integer as accounts_dormant,
    sum(quick_wins)::integer as quick_wins,
    sum(members)::integer as members
from counted
group by cell_x, cell_y
having sum(buildings) > 0 or sum(accounts_active) > 0
order by cell_y, cell_x
