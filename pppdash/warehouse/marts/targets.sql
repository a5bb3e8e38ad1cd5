/*
description: Whom the program wants to enroll, each at a building.
grain: [target_id]
columns:
  target_id: The city's own id of the target, or its building's
  building_id: The building it is in
  organization: What the organization is called
  role: manager or tenant
  sector: One of the 16 critical infrastructure sectors, else Unclassified
  size_band: small, mid-sized, large or Unknown, by employees
  employees: {is: People who work for it there, unit: people}
  is_quick_win: Whether the city thinks that it would enroll easily
  owner_id: The city's own id of whoever owns it
  listed_on: First day it was a target; always, where not given
  removed_on: First day it was no target any more
  memberships: Other programs it belongs to, or its building does, comma-joined
  place: Its building's place, in whose order targets are stored
not_null: [target_id, building_id, role, sector, size_band, is_quick_win, memberships, place]
checks:
  - removed_on is null or listed_on is null or listed_on <= removed_on
*/
with belonging as (
    select
        target_id,
        program
    from staging.memberships
    where target_id is not null
    union
    select
        t.target_id,
        m.program
    from staging.memberships as m
    inner join staging.targets as t on m.building_id = t.building_id
    where m.target_id is null
),

joined as (
    select
        target_id,
        string_agg(program, ', ' order by program) as programs
    from belonging
    group by target_id
)

select
    t.target_id,
    t.building_id,
    t.organization,
    t.role,
    t.sector,
    t.size_band,
    t.employees,
    t.is_quick_win,
    t.owner_id,
    t.listed_on,
    t.removed_on,
    coalesce(j.programs, '') as memberships,
    t.place
from staging.targets as t
left join joined as j on t.target_id = j.target_id
order by t.place, t.target_id
