-- Counts by cell as of a date, from the buildings themselves and what changed in them: for levels
-- finer than the pyramid's, where few buildings are in view. Parameters and columns are those of
-- map_cells.sql.
with counted as (
    select
        x,
        y,
        1 as buildings,
        0 as buildings_enrolled,
        0 as buildings_ended,
        0 as accounts_active,
        0 as accounts_dormant,
        (quick_wins > 0)::integer as quick_wins,
        is_member::integer as members
    from marts.buildings
    where
        x between $west::bigint << (28 - $level)
        and (($east::bigint + 1) << (28 - $level)) - 1
        and y between $north::bigint << (28 - $level)
        and (($south::bigint + 1) << (28 - $level)) - 1
        and ($sectors is null or list_contains($sectors, sector))
        and ($size_bands is null or list_contains($size_bands, size_band))
    union all
    select
        x,
        y,
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
        and changed_on <= $as_of
        and ($sectors is null or list_contains($sectors, sector))
        and ($size_bands is null or list_contains($size_bands, size_band))
)

select
    x >> (28 - $level) as cell_x,
    y >> (28 - $level) as cell_y,
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
