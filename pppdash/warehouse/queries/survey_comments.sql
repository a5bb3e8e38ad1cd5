-- What was said in words, with who said it; for themes, which hide few.
select
    wave,
    respondent_id,
    question_id,
    comment
from marts.survey_answers
where wave <= $as_of and comment is not null
order by wave, respondent_id, question_id
