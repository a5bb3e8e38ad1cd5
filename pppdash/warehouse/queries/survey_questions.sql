-- What was asked.
select
    question_id,
    text,
    theme,
    kind,
    scale_min,
    scale_max
from marts.survey_questions
order by question_id
