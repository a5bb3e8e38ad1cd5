-- Targets as of a date, each with its building, its area of one layer and its enrollment; of a part
-- of the map where one is asked: from $x0 to $x1 and $y0 to $y1 in world units and, around a
-- center, no farther than $radius_m by the haversine formula.
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
),

housed as (
    select
        b.*,
        a.area_id,
        a.area_name
    from within as b
    left join marts.building_areas as a on b.place = a.place and a.layer = $layer
    where $areas is null or list_contains($areas, a.area_id)
),

enrolled as (
    select
        target_id,
        count(*) filter (where ended_on is null or ended_on > $as_of) as accounts_active,
        count(*) filter (
            where dormant_on <= $as_of and (ended_on is null or ended_on > $as_of)
        ) as accounts_dormant,
        min(enrolled_on) as enrolled_on
    from marts.accounts
    where
        enrolled_on <= $as_of
        and target_id is not null
        and place in (select h.place from housed as h)
    group by target_id
)

select
    t.target_id,
    coalesce(t.organization, '') as organization,
    t.building_id,
    coalesce(h.name, '') as building,
    coalesce(h.address, '') as address,
    h.area_id,
    h.area_name,
    t.sector,
    t.size_band,
    t.employees,
    t.role,
    t.is_quick_win,
    case
        when e.accounts_active > 0 then 'active'
        when e.target_id is not null then 'ended'
        else 'never'
    end as status,
    coalesce(e.accounts_active > 0 and e.accounts_active = e.accounts_dormant, false) as is_dormant,
    e.enrolled_on,
    t.memberships
from marts.targets as t
inner join housed as h on t.place = h.place
left join enrolled as e on t.target_id = e.target_id
where
    (t.listed_on is null or t.listed_on <= $as_of)
    and (t.removed_on is null or t.removed_on > $as_of)
    and ($sectors is null or list_contains($sectors, t.sector))
    and ($size_bands is null or list_contains($size_bands, t.size_band))
order by t.target_id
