-- Known totals to weight answers to.
select
    wave,
    variable,
    value,
    population
from marts.survey_margins
where wave <= $as_of
order by wave, variable, value
