-- Waves of the survey that had been held on a date.
select
    wave,
    label,
    invited,
    respondents
from marts.survey_waves
where wave <= $as_of
order by wave
