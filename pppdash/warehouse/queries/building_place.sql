-- Where on the curve a building is.
select place
from marts.buildings
where building_id = $building_id
