/*
description: Waves of the survey, with how many were asked and how many answered.
grain: [wave]
columns:
  wave: Day that stands for the wave
  label: What the wave is called
  invited: {is: How many were asked; empty where unknown, unit: people}
  respondents: {is: How many answered anything, unit: people}
not_null: [wave, label, respondents]
*/
with answered as (
    select
        wave,
        count(distinct respondent_id) as respondents
    from source.survey_responses
    group by wave
)

select
    coalesce(w.wave, a.wave) as wave,
    coalesce(w.label, strftime(coalesce(w.wave, a.wave), '%B %Y')) as label,
    w.invited,
    coalesce(a.respondents, 0) as respondents
from source.survey_waves as w
full join answered as a on w.wave = a.wave
order by wave
