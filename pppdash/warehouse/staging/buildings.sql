/*
description: >
  The city's buildings with a sector and a size band in every row. A building that does not say
  how many people work in it has those of its targets.
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
*/
with working as (
    select
        building_id,
        sum(employees)::bigint as employees
    from source.targets
    group by building_id
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
    b.is_snapped
from source.buildings as b
left join working as w on b.building_id = w.building_id
cross join source.settings as s
