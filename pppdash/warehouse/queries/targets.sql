-- Targets as of a date, each with its building, its area of one layer and its enrollment.
with placed as (
    select *
    from marts.building_areas
    where layer = $layer
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
    where enrolled_on <= $as_of and target_id is not null
    group by target_id
)

select
    t.target_id,
    coalesce(t.organization, '') as organization,
    t.building_id,
    coalesce(b.name, '') as building,
    coalesce(b.address, '') as address,
    p.area_id,
    p.area_name,
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
inner join marts.buildings as b on t.building_id = b.building_id
left join placed as p on t.building_id = p.building_id
left join enrolled as e on t.target_id = e.target_id
where
    (t.listed_on is null or t.listed_on <= $as_of)
    and (t.removed_on is null or t.removed_on > $as_of)
    and ($areas is null or list_contains($areas, p.area_id))
    and ($sectors is null or list_contains($sectors, t.sector))
    and ($size_bands is null or list_contains($size_bands, t.size_band))
order by t.target_id
