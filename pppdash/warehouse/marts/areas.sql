/*
description: Areas of every layer, with their outlines for drawing.
grain: [layer, area_id]
columns:
  layer: The layer's name in city.toml
  area_id: The area's id in its file
  name: What the area is called
  population: {is: Residents, unit: people}
  geojson: Outline as GeoJSON in EPSG:4326, simplified together with its neighbors
not_null: [layer, area_id, name, geojson]
*/
select
    layer,
    area_id,
    name,
    population,
    geojson
from source.areas
order by layer, area_id
