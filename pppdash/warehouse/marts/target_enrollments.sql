/*
description: >
  Unbroken stretches in which a target had at least one active account and was listed. A target
  is enrolled on a day when one of its stretches holds that day; stretches never overlap.
grain: [target_id, enrolled_on]
columns:
  target_id: The target
  building_id: The building it is in
  sector: The target's sector
  size_band: The target's size band
  enrolled_on: First day enrolled
  ended_on: First day not enrolled any more; empty while it lasts
  place: Its building's place
not_null: [target_id, building_id, sector, size_band, enrolled_on, place]
checks:
  - ended_on is null or ended_on > enrolled_on
*/
with active as (
    select
        a.target_id,
        t.building_id,
        t.place,
        t.sector,
        t.size_band,
        greatest(a.enrolled_on, coalesce(t.listed_on, a.enrolled_on)) as enrolled_on,
        least(
            coalesce(a.ended_on, date '9999-12-31'), coalesce(t.removed_on, date '9999-12-31')
        ) as ended_on
    from staging.accounts as a
    inner join staging.targets as t on a.target_id = t.target_id
),

lasting as (
    select
        *,
        max(ended_on) over (
            partition by target_id order by enrolled_on, ended_on
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from active
    where enrolled_on < ended_on
),

numbered as (
    select
        *,
        count(*) filter (where covered_until is null or enrolled_on > covered_until) over (
            partition by target_id order by enrolled_on, ended_on
        ) as stretch
    from lasting
)

select
    target_id,
    building_id,
    sector,
    size_band,
    min(enrolled_on) as enrolled_on,
    nullif(max(ended_on), date '9999-12-31') as ended_on,
    place
from numbered
group by target_id, building_id, place, sector, size_band, stretch
order by place, target_id, enrolled_on
