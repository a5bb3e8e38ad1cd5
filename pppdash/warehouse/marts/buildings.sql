/*
description: Places that first responders may have to enter.
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
not_null: [building_id, longitude, latitude, sector, size_band, is_snapped]
checks:
  - longitude between -180 and 180
  - latitude between -90 and 90
*/
select *
from staging.buildings
order by building_id
