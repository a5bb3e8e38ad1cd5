-- Targets not enrolled on a date that belong to another program, by program and kind of target;
-- of a part of the map where one is asked (see targets.sql). Without a program: that belong to any.
with within as (
    select place
    from marts.buildings
    where
        ($x0 is null or (x between $x0 and $x1 and y between $y0 and $y1))
        and (
            $radius_m is null
            or marts.distance_m(latitude, longitude, $latitude, $longitude) <= $radius_m
        )
),

missed as (
    select
        t.target_id,
        t.building_id,
        t.sector,
        t.size_band,
        a.area_id,
        a.area_name
    from marts.targets as t
    inner join within as w on t.place = w.place
    left join marts.building_areas as a on t.place = a.place and a.layer = $layer
    where
        t.memberships <> ''
        and (t.listed_on is null or t.listed_on <= $as_of)
        and (t.removed_on is null or t.removed_on > $as_of)
        and ($areas is null or list_contains($areas, a.area_id))
        and ($sectors is null or list_contains($sectors, t.sector))
        and ($size_bands is null or list_contains($size_bands, t.size_band))
        and t.target_id not in (
            select e.target_id
            from marts.target_enrollments as e
            where e.enrolled_on <= $as_of and (e.ended_on is null or e.ended_on > $as_of)
        )
),

belonging as (
    select
        t.*,
        m.program
    from missed as t
    inner join marts.memberships as m on t.target_id = m.target_id
    union
    select
        t.*,
        m.program
    from missed as t
    inner join marts.memberships as m on t.building_id = m.building_id and m.target_id is null
)

select
    sector,
    size_band,
    area_id,
    area_name,
    program,
    count(distinct target_id) as targets
from belonging
group by
    grouping sets (
        (sector, size_band, area_id, area_name, program),
        (sector, size_band, area_id, area_name)
    )
order by all
