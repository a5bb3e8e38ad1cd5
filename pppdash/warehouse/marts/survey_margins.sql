/*
description: Known totals of those asked, to weight answers to.
grain: [wave, variable, value]
columns:
  wave: Day that stands for the wave
  variable: What the totals divide by
  value: One of its values
  population: {is: How many there are, unit: people}
not_null: [wave, variable, value, population]
*/
select
    wave,
    variable,
    value,
    population
from source.survey_margins
order by wave, variable, value
