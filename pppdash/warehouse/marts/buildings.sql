/*
description: >
  Places that first responders may have to enter, stored along the Z-order curve of the map, so
  that a part of it reads few of their rows.
grain: [building_id]
columns:
  building_id: The city's own id of the building
  name: What the building is called
  address: Street address
  longitude: {is: East-west position (EPSG:4326), unit: degrees}
  latitude: {is: North-south position (EPSG:4326), unit: degrees}
  sector: One of the 16 critical infrastructure sectors, else Unclassified
  size_band: small, mid-sized, large or Unknown, by employees
  floor_area_sqft: {is: Gross floor area, unit: square feet}
  occupants: {is: People in the building at its fullest, unit: people}
  employees: {is: "People who work there: its own figure, else its targets'", unit: people}
  owner_id: The city's own id of whoever owns it
  is_snapped: Whether it lay just outside every area and was given the nearest
  place: Its number along the Z-order curve of x and y, from 0
  x: {is: East-west position on the Web Mercator map, unit: world width / 2^28}
  y: {is: North-south position on the Web Mercator map, unit: world width / 2^28}
  targets: {is: Targets that were ever listed there, unit: targets}
  quick_wins: {is: Quick wins among them, unit: targets}
  is_member: Whether it or one of its targets belongs to another program
not_null:
  - building_id
  - longitude
  - latitude
  - sector
  - size_band
  - is_snapped
  - place
  - x
  - y
  - targets
  - quick_wins
  - is_member
checks:
  - longitude between -180 and 180
  - latitude between -90 and 90
  - x between 0 and 536870911
  - y between 0 and 268435455
  - quick_wins <= targets
*/
with listed as (
    select
        place,
        count(*)::integer as targets,
        (count(*) filter (where is_quick_win))::integer as quick_wins
    from staging.targets
    group by place
),

members as (
    select distinct building_id
    from staging.memberships
)

select
    b.building_id,
    b.name,
    b.address,
    b.longitude,
    b.latitude,
    b.sector,
    b.size_band,
    b.floor_area_sqft,
    b.occupants,
    b.employees,
    b.owner_id,
    b.is_snapped,
    b.place,
    b.x,
    b.y,
    coalesce(t.targets, 0) as targets,
    coalesce(t.quick_wins, 0) as quick_wins,
    m.building_id is not null as is_member
from staging.buildings as b
left join listed as t on b.place = t.place
left join members as m on b.building_id = m.building_id
order by b.place
