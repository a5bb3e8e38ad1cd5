-- Flash points that could be known of on a date: those that had happened, and planned ones whose
-- window had begun. Where nothing later is on record the date is the present, and every planned
-- one is known.
with present as (
    select
        not exists (
            select 1
            from marts.accounts as a
            where a.enrolled_on > $as_of or a.ended_on > $as_of
        ) as is_present
)

select
    f.flash_point_id,
    f.name,
    f.kind,
    f.scope,
    f.started_on,
    f.ended_on,
    f.window_start,
    f.window_end,
    f.started_on > $as_of as is_ahead,
    f.holds_launch,
    f.longitude,
    f.latitude
from marts.flash_points as f
cross join present as p
where
    f.started_on <= $as_of
    or (f.kind = 'planned_event' and (f.window_start <= $as_of or p.is_present))
order by f.started_on, f.flash_point_id
