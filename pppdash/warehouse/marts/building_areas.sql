/*
description: >
  The one area of each layer that a building belongs to; Outside where none. Stored by layer and
  place.
grain: [building_id, layer]
columns:
  building_id: The building
  layer: The layer's name in city.toml
  area_id: The area it belongs to, or Outside
  area_name: What that area is called
  place: The building's place
not_null: [building_id, layer, area_id, area_name, place]
*/
select
    p.building_id,
    p.layer,
    p.area_id,
    coalesce(a.name, p.area_id) as area_name,
    b.place
from source.building_areas as p
inner join staging.buildings as b on p.building_id = b.building_id
left join source.areas as a on p.layer = a.layer and p.area_id = a.area_id
order by p.layer, b.place
