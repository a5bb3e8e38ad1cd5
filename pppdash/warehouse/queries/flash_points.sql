-- Flash points that could be known of on a date: those that had happened, and planned ones ahead.
select
    flash_point_id,
    name,
    kind,
    scope,
    started_on,
    ended_on,
    window_start,
    window_end,
    started_on > $as_of as is_ahead,
    holds_launch,
    longitude,
    latitude
from marts.flash_points
where started_on <= $as_of or kind = 'planned_event'
order by started_on, flash_point_id
