/*
description: >
  The city's targets; where it lists none, one for each building, its manager. Sector and size
  are the target's own, else its building's.
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
  place: Its building's place
*/
with listed as (
    select
        target_id,
        building_id,
        organization,
        role,
        sector,
        employees,
        is_quick_win,
        owner_id,
        listed_on,
        removed_on
    from source.targets
    union all by name
    select
        building_id as target_id,
        building_id,
        name as organization,
        'manager' as role
    from source.buildings
    where not exists (select 1 from source.targets)
)

select
    t.target_id,
    t.building_id,
    t.organization,
    coalesce(t.role, 'tenant') as role,
    coalesce(t.sector, b.sector) as sector,
    size_band(coalesce(t.employees, b.own_employees), s.mid_sized, s.large) as size_band,
    coalesce(t.employees, b.own_employees) as employees,
    coalesce(t.is_quick_win, false) as is_quick_win,
    coalesce(t.owner_id, b.owner_id) as owner_id,
    t.listed_on,
    t.removed_on,
    b.place
from listed as t
inner join staging.buildings as b on t.building_id = b.building_id
cross join source.settings as s
