-- Accounts that are active on a date and had gone quiet by then, the latest to do so first; of a
-- part of the map where one is asked (see targets.sql).
with within as (
    select
        place,
        name,
        address
    from marts.buildings
    where
        ($x0 is null or (x between $x0 and $x1 and y between $y0 and $y1))
        and (
            $radius_m is null
            or marts.distance_m(latitude, longitude, $latitude, $longitude) <= $radius_m
        )
)

select
    c.account_id,
    c.target_id,
    coalesce(t.organization, '') as organization,
    c.building_id,
    coalesce(b.name, '') as building,
    coalesce(b.address, '') as address,
    a.area_id,
    a.area_name,
    c.sector,
    c.size_band,
    coalesce(t.memberships, '') as memberships,
    c.enrolled_on,
    c.last_active_on,
    date_diff('day', c.last_active_on, $as_of::date) as days_quiet
from marts.accounts as c
inner join within as b on c.place = b.place
left join marts.building_areas as a on c.place = a.place and a.layer = $layer
left join marts.targets as t on c.target_id = t.target_id
where
    c.enrolled_on <= $as_of
    and c.dormant_on <= $as_of
    and (c.ended_on is null or c.ended_on > $as_of)
    and ($areas is null or list_contains($areas, a.area_id))
    and ($sectors is null or list_contains($sectors, c.sector))
    and ($size_bands is null or list_contains($size_bands, c.size_band))
order by c.last_active_on desc, c.account_id asc
