-- What the build says of itself, with the first and last day on which anything is on record, and
-- the newest enrollment, end or contact (the newest wave where there is none).
with days as (
    select
        enrolled_on as happened_on,
        false as is_wave
    from marts.accounts
    union all
    select
        ended_on as happened_on,
        false as is_wave
    from marts.accounts
    union all
    select
        contacted_on as happened_on,
        false as is_wave
    from marts.outreach_contacts
    union all
    select
        wave as happened_on,
        true as is_wave
    from marts.survey_waves
    union all
    select
        wave as happened_on,
        true as is_wave
    from marts.survey_scores
),

known as (
    select
        min(happened_on) as oldest_on,
        max(happened_on) as last_on,
        coalesce(max(happened_on) filter (where not is_wave), max(happened_on)) as newest_on
    from days
    where happened_on <= current_date
)

select
    b.*,
    k.oldest_on,
    k.last_on,
    k.newest_on,
    (select count(a.last_active_on) > 0 from marts.accounts as a) as records_activity
from marts.builds as b
cross join known as k
