-- Everything that one building's card says, as of a date, with its area of one layer.
with changed as (
    select
        sum(buildings_enrolled) as enrolled,
        sum(buildings_ended) as ended
    from marts.building_changes
    where place = $place and changed_on <= $as_of
),

listed as (
    select count(*) as targets
    from marts.targets
    where
        place = $place
        and (listed_on is null or listed_on <= $as_of)
        and (removed_on is null or removed_on > $as_of)
),

enrolled as (
    select count(*) as targets_enrolled
    from marts.target_enrollments
    where
        place = $place
        and enrolled_on <= $as_of
        and (ended_on is null or ended_on > $as_of)
),

opened as (
    select
        count(*) filter (where ended_on is null or ended_on > $as_of) as accounts_active,
        count(*) filter (
            where dormant_on <= $as_of and (ended_on is null or ended_on > $as_of)
        ) as accounts_dormant,
        min(enrolled_on) as first_enrolled_on
    from marts.accounts
    where place = $place and enrolled_on <= $as_of
),

programs as (
    select distinct
        m.building_id,
        m.program
    from marts.memberships as m
    where m.building_id = (select b.building_id from marts.buildings as b where b.place = $place)
),

belonging as (
    select string_agg(program, ', ' order by program) as programs
    from programs
)

select
    b.building_id,
    coalesce(b.name, '') as name,
    coalesce(b.address, '') as address,
    b.longitude,
    b.latitude,
    b.place,
    b.x,
    b.y,
    b.sector,
    b.size_band,
    b.floor_area_sqft,
    b.occupants,
    b.employees,
    p.area_id,
    p.area_name,
    case
        when c.enrolled > 0 then 'active'
        when c.ended > 0 then 'ended'
        else 'never'
    end as status,
    t.targets,
    e.targets_enrolled,
    a.accounts_active,
    a.accounts_dormant,
    a.first_enrolled_on,
    coalesce(m.programs, '') as memberships,
    b.is_snapped
from marts.buildings as b
left join marts.building_areas as p on b.place = p.place and p.layer = $layer and p.place = $place
cross join changed as c
cross join listed as t
cross join enrolled as e
cross join opened as a
cross join belonging as m
where b.place = $place
