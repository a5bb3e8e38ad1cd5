-- Areas of one layer, with outlines.
select
    layer,
    area_id,
    name,
    population,
    geojson
from marts.areas
where layer = $layer
order by name, area_id
