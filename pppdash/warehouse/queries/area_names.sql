-- Areas of one layer by name, Outside among them where a building lies there.
select
    area_id,
    name as area_name
from marts.areas
where layer = $layer
union
select
    area_id,
    area_name
from marts.building_areas
where layer = $layer
order by area_name, area_id
