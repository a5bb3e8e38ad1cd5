-- One building's targets that were listed on a date, managers first.
with enrolled as (
    select
        target_id,
        bool_or(ended_on is null or ended_on > $as_of) as is_active
    from marts.accounts
    where place = $place and enrolled_on <= $as_of and target_id is not null
    group by target_id
)

select
    t.target_id,
    coalesce(t.organization, '') as organization,
    t.role,
    t.sector,
    t.size_band,
    t.is_quick_win,
    case
        when e.is_active then 'active'
        when e.target_id is not null then 'ended'
        else 'never'
    end as status,
    t.memberships
from marts.targets as t
left join enrolled as e on t.target_id = e.target_id
where
    t.place = $place
    and (t.listed_on is null or t.listed_on <= $as_of)
    and (t.removed_on is null or t.removed_on > $as_of)
order by t.role, t.target_id
