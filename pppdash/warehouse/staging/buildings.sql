/*
description: >
  The city's buildings with a sector and a size band in every row. A building that does not say
  how many people work in it has those of its targets. Places are numbered here, once: marts
  that are stored in their order keep near what lies near, so that a part of the map reads few of
  their rows. In a city across the 180th meridian x goes on growing eastward, so that it stays in
  one piece.
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
  own_employees: {is: People who work there by its own figure, unit: people}
*/
with working as (
    select
        building_id,
        sum(employees)::bigint as employees
    from source.targets
    group by building_id
),

city as (
    select coalesce(max(longitude) - min(longitude) > 180, false) as is_across
    from source.buildings
),

projected as (
    select
        b.*,
        world_x(b.longitude + if(c.is_across and b.longitude < 0, 360, 0)) as x,
        world_y(b.latitude) as y
    from source.buildings as b
    cross join city as c
),

-- Sorted first and numbered as they come: a window that sorts takes twice as long.
along_the_curve as (
    select *
    from projected
    order by curve(x, y), building_id
),

numbered as (
    select
        *,
        (row_number() over () - 1)::integer as place
    from along_the_curve
)

select
    b.building_id,
    b.name,
    b.address,
    b.longitude,
    b.latitude,
    coalesce(b.sector, 'Unclassified') as sector,
    size_band(coalesce(b.employees, w.employees), s.mid_sized, s.large) as size_band,
    b.floor_area_sqft,
    b.occupants,
    coalesce(b.employees, w.employees) as employees,
    b.owner_id,
    b.is_snapped,
    b.place,
    b.x,
    b.y,
    b.employees as own_employees
from numbered as b
left join working as w on b.building_id = w.building_id
cross join source.settings as s
