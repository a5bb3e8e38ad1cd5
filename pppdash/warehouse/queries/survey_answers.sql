-- Every answer with who gave it, for weighting and for those who answer again; never for showing.
select
    wave,
    respondent_id,
    question_id,
    score,
    sector,
    size_band,
    area_id,
    area_name
from marts.survey_answers
where wave <= $as_of and score is not null
order by wave, respondent_id, question_id
