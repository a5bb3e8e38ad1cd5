-- A part of the list of buildings as of a date: the one at place $first, where it is among them,
-- then those with the most targets; and how many there are in all (`total`). Buildings are chosen
-- by their own sector and size, by status, by their area of one layer, and by a rectangle in world
-- units or a circle; targets and accounts are counted by theirs. What takes a look at every
-- building is kept apart from what is shown of few.
with off_the_list as (
    select
        place,
        count(*) as targets
    from marts.targets
    where
        $sectors is null
        and $size_bands is null
        and (listed_on > $as_of or removed_on <= $as_of)
    group by place
),

of_a_kind as (
    select
        place,
        count(*) as targets
    from marts.targets
    where
        ($sectors is not null or $size_bands is not null)
        and (listed_on is null or listed_on <= $as_of)
        and (removed_on is null or removed_on > $as_of)
        and ($sectors is null or list_contains($sectors, sector))
        and ($size_bands is null or list_contains($size_bands, size_band))
    group by place
),

changed as (
    select
        place,
        sum(buildings_enrolled) as enrolled,
        sum(buildings_ended) as ended
    from marts.building_changes
    where
        $status is not null
        and changed_on <= $as_of
        and ($x0 is null or (x between $x0 and $x1 and y between $y0 and $y1))
    group by place
),

measured as (
    select
        place,
        x,
        y,
        sector,
        size_band,
        targets,
        case
            when $radius_m is not null
                then marts.distance_m(latitude, longitude, $latitude, $longitude)
        end as distance_m
    from marts.buildings
),

chosen as (
    select
        b.place,
        b.distance_m,
        case
            when $sectors is null and $size_bands is null then b.targets - coalesce(o.targets, 0)
            else coalesce(k.targets, 0)
        end::integer as targets
    from measured as b
    left join off_the_list as o on b.place = o.place
    left join of_a_kind as k on b.place = k.place
    left join changed as c on b.place = c.place
    where
        ($sectors is null or list_contains($sectors, b.sector))
        and ($size_bands is null or list_contains($size_bands, b.size_band))
        and ($x0 is null or (b.x between $x0 and $x1 and b.y between $y0 and $y1))
        and ($radius_m is null or b.distance_m <= $radius_m)
        and (
            $status is null
            or $status = case
                when c.enrolled > 0 then 'active'
                when c.ended > 0 then 'ended'
                else 'never'
            end
        )
        and (
            $areas is null
            or b.place in (
                select p.place
                from marts.building_areas as p
                where p.layer = $layer and list_contains($areas, p.area_id)
            )
        )
),

total as (
    select count(*) as total
    from chosen
),

-- Made once, for all that follows asks for it.
shown as materialized (
    select *
    from chosen
    order by coalesce(place = $first, false) desc, targets desc, place asc
    limit $limit offset $offset
),

enrolled as (
    select
        e.place,
        count(*) as targets_enrolled
    from marts.target_enrollments as e
    semi join shown as s on e.place = s.place
    where
        e.enrolled_on <= $as_of
        and (e.ended_on is null or e.ended_on > $as_of)
        and ($sectors is null or list_contains($sectors, e.sector))
        and ($size_bands is null or list_contains($size_bands, e.size_band))
    group by e.place
),

opened as (
    select
        a.place,
        count(*) filter (where a.ended_on is null or a.ended_on > $as_of) as accounts_active,
        count(*) filter (
            where a.dormant_on <= $as_of and (a.ended_on is null or a.ended_on > $as_of)
        ) as accounts_dormant,
        min(a.enrolled_on) as first_enrolled_on
    from marts.accounts as a
    semi join shown as s on a.place = s.place
    where
        a.enrolled_on <= $as_of
        and ($sectors is null or list_contains($sectors, a.sector))
        and ($size_bands is null or list_contains($size_bands, a.size_band))
    group by a.place
),

standing as (
    select
        c.place,
        sum(c.buildings_enrolled) as enrolled,
        sum(c.buildings_ended) as ended
    from marts.building_changes as c
    semi join shown as s on c.place = s.place
    where c.changed_on <= $as_of
    group by c.place
),

areas as (
    select
        p.place,
        p.area_id,
        p.area_name
    from marts.building_areas as p
    semi join shown as s on p.place = s.place
    where p.layer = $layer
)

select
    s.place,
    b.building_id,
    coalesce(b.name, '') as name,
    coalesce(b.address, '') as address,
    b.longitude,
    b.latitude,
    b.sector,
    b.size_band,
    p.area_id,
    p.area_name,
    s.targets,
    coalesce(e.targets_enrolled, 0) as targets_enrolled,
    case
        when c.enrolled > 0 then 'active'
        when c.ended > 0 then 'ended'
        else 'never'
    end as status,
    coalesce(a.accounts_active, 0) as accounts_active,
    coalesce(a.accounts_dormant, 0) as accounts_dormant,
    a.first_enrolled_on,
    b.is_snapped,
    s.distance_m,
    t.total
from shown as s
inner join marts.buildings as b on s.place = b.place
cross join total as t
left join areas as p on s.place = p.place
left join enrolled as e on s.place = e.place
left join opened as a on s.place = a.place
left join standing as c on s.place = c.place
order by coalesce(s.place = $first, false) desc, s.targets desc, s.place asc
