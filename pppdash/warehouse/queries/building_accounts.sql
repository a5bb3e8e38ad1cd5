-- One building's accounts that were known of on a date, the newest first.
select
    a.account_id,
    coalesce(t.organization, '') as organization,
    a.form,
    a.enrolled_on,
    if(a.ended_on <= $as_of, a.ended_on, null) as ended_on,
    if(a.last_active_on <= $as_of, a.last_active_on, null) as last_active_on,
    coalesce(
        a.dormant_on <= $as_of and (a.ended_on is null or a.ended_on > $as_of), false
    ) as is_dormant
from marts.accounts as a
left join marts.targets as t on a.target_id = t.target_id and t.place = $place
where a.place = $place and a.enrolled_on <= $as_of
order by a.enrolled_on desc, a.account_id asc
