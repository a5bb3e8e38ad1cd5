/*
description: >
  Unbroken stretches in which a building had at least one active account, whoever's it was;
  stretches never overlap.
grain: [building_id, enrolled_on]
columns:
  building_id: The building
  sector: The building's sector
  size_band: The building's size band
  enrolled_on: First day enrolled
  ended_on: First day not enrolled any more; empty while it lasts
  place: The building's place
not_null: [building_id, sector, size_band, enrolled_on, place]
checks:
  - ended_on is null or ended_on > enrolled_on
*/
with active as (
    select
        a.place,
        a.building_id,
        b.sector,
        b.size_band,
        a.enrolled_on,
        coalesce(a.ended_on, date '9999-12-31') as ended_on
    from staging.accounts as a
    inner join staging.buildings as b on a.place = b.place
),

lasting as (
    select
        *,
        max(ended_on) over (
            partition by place order by enrolled_on, ended_on
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from active
    where enrolled_on < ended_on
),

numbered as (
    select
        *,
        count(*) filter (where covered_until is null or enrolled_on > covered_until) over (
            partition by place order by enrolled_on, ended_on
        ) as stretch
    from lasting
)

select
    building_id,
    sector,
    size_band,
    min(enrolled_on) as enrolled_on,
    nullif(max(ended_on), date '9999-12-31') as ended_on,
    place
from numbered
group by place, building_id, sector, size_band, stretch
order by place, enrolled_on
