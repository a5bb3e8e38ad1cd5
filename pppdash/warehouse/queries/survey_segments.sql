-- Into how many groups each segmentation divides the respondents of the waves up to a date.
select
    count(distinct size_band) as size_band,
    count(distinct sector) as sector,
    count(distinct area_id) as area_id
from marts.survey_answers
where wave <= $as_of and score is not null
