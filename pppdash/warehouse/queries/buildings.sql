-- Buildings as of a date, each with its area of one layer and what is known of its enrollment.
-- Under a sector or size filter: the buildings that hold a target of that kind, and those targets
-- and accounts alone, so that targets add up to what areas and sectors show.
with placed as (
    select *
    from marts.building_areas
    where layer = $layer
),

counted_targets as (
    select
        building_id,
        count(*) as targets
    from marts.targets
    where
        (listed_on is null or listed_on <= $as_of)
        and (removed_on is null or removed_on > $as_of)
        and ($sectors is null or list_contains($sectors, sector))
        and ($size_bands is null or list_contains($size_bands, size_band))
    group by building_id
),

counted_enrollments as (
    select
        building_id,
        count(*) as targets_enrolled
    from marts.target_enrollments
    where
        enrolled_on <= $as_of
        and (ended_on is null or ended_on > $as_of)
        and ($sectors is null or list_contains($sectors, sector))
        and ($size_bands is null or list_contains($size_bands, size_band))
    group by building_id
),

counted_accounts as (
    select
        building_id,
        count(*) filter (where ended_on is null or ended_on > $as_of) as accounts_active,
        count(*) filter (
            where dormant_on <= $as_of and (ended_on is null or ended_on > $as_of)
        ) as accounts_dormant,
        min(enrolled_on) as first_enrolled_on
    from marts.accounts
    where
        enrolled_on <= $as_of
        and ($sectors is null or list_contains($sectors, sector))
        and ($size_bands is null or list_contains($size_bands, size_band))
    group by building_id
)

select
    b.building_id,
    coalesce(b.name, '') as name,
    coalesce(b.address, '') as address,
    b.longitude,
    b.latitude,
    b.sector,
    b.size_band,
    p.area_id,
    p.area_name,
    coalesce(t.targets, 0) as targets,
    coalesce(e.targets_enrolled, 0) as targets_enrolled,
    case
        when a.accounts_active > 0 then 'active'
        when a.building_id is not null then 'ended'
        else 'never'
    end as status,
    coalesce(a.accounts_active, 0) as accounts_active,
    coalesce(a.accounts_dormant, 0) as accounts_dormant,
    a.first_enrolled_on,
    b.is_snapped
from marts.buildings as b
left join placed as p on b.building_id = p.building_id
left join counted_targets as t on b.building_id = t.building_id
left join counted_enrollments as e on b.building_id = e.building_id
left join counted_accounts as a on b.building_id = a.building_id
where
    ($areas is null or list_contains($areas, p.area_id))
    and (($sectors is null and $size_bands is null) or t.targets > 0)
order by b.building_id
