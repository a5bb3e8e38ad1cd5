-- What of the world all buildings take up, in degrees; east of the 180th meridian longitudes go on
-- growing in a city that lies across it.
with placed as (
    select
        longitude + if(longitude < 0 and x >= 268435456, 360, 0) as longitude,
        latitude
    from marts.buildings
)

select
    min(longitude) as west,
    min(latitude) as south,
    max(longitude) as east,
    max(latitude) as north,
    count(*) as buildings
from placed
