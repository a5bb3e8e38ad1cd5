-- What the build says of itself, with the newest and oldest day on which anything happened.
with days as (
    select enrolled_on as happened_on from marts.accounts
    union all
    select ended_on from marts.accounts
    union all
    select contacted_on from marts.outreach_contacts
),

waves as (
    select wave from marts.survey_waves
    union all
    select wave from marts.survey_scores
)

select
    b.*,
    coalesce(
        (select max(d.happened_on) from days as d where d.happened_on <= current_date),
        (select max(w.wave) from waves as w where w.wave <= current_date)
    ) as newest_on,
    coalesce(
        (select min(d.happened_on) from days as d), (select min(w.wave) from waves as w)
    ) as oldest_on
from marts.builds as b
