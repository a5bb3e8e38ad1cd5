-- The building at a place of the curve.
select building_id
from marts.buildings
where place = $place
