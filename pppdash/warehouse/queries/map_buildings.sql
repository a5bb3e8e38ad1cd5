-- Buildings within a rectangle of world units, edges included, as of a date, for drawing one by
-- one. Sectors and sizes are the buildings' own; status and dormancy count whoever's accounts.
with changed as (
    select
        place,
        sum(buildings_enrolled) as enrolled,
        sum(buildings_ended) as ended,
        sum(accounts_dormant) as dormant
    from marts.building_changes
    where
        x between $west and $east
        and y between $north and $south
        and changed_on <= $as_of
    group by place
)

select
    b.place,
    b.building_id,
    b.x,
    b.y,
    coalesce(b.name, '') as name,
    coalesce(b.address, '') as address,
    case
        when c.enrolled > 0 then 'active'
        when c.ended > 0 then 'ended'
        else 'never'
    end as status,
    b.quick_wins > 0 as is_quick_win,
    b.is_member,
    coalesce(c.dormant > 0, false) as is_dormant,
    b.targets
from marts.buildings as b
left join changed as c on b.place = c.place
where
    b.x between $west and $east
    and b.y between $north and $south
    and ($sectors is null or list_contains($sectors, b.sector))
    and ($size_bands is null or list_contains($size_bands, b.size_band))
order by b.place
