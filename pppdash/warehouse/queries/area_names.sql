-- Areas of one layer by name, Outside among them where a building lies there.
select
    area_id,
    name as area_name
from marts.areas
where layer = $layer
union all
select distinct
    c.area_id,
    c.area_id as area_name
from marts.area_changes as c
anti join marts.areas as a on c.layer = a.layer and c.area_id = a.area_id
where c.layer = $layer and c.buildings > 0
order by area_name, area_id
