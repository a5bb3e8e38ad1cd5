-- How many accounts were opened and ended on the same days, as known of on a date; of a kind, of
-- areas of one layer, and of a part of the map: from $x0 to $x1 and $y0 to $y1 in world units and,
-- around a center, no farther than $radius_m by the haversine formula.
with chosen as (
    select place
    from marts.buildings
    where
        ($x0 is null or (x between $x0 and $x1 and y between $y0 and $y1))
        and (
            $radius_m is null
            or marts.distance_m(latitude, longitude, $latitude, $longitude) <= $radius_m
        )
        and (
            $areas is null
            or place in (
                select p.place
                from marts.building_areas as p
                where p.layer = $layer and list_contains($areas, p.area_id)
            )
        )
)

select
    a.enrolled_on as opened_on,
    if(a.ended_on <= $as_of, a.ended_on, null) as ended_on,
    count(*) as accounts
from marts.accounts as a
semi join chosen as c on a.place = c.place
where
    a.enrolled_on <= $as_of
    and ($sectors is null or list_contains($sectors, a.sector))
    and ($size_bands is null or list_contains($size_bands, a.size_band))
group by all
order by opened_on, ended_on
