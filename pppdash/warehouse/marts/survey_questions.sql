/*
description: What was asked, and on what scale.
grain: [question_id]
columns:
  question_id: The question's id
  text: The question as it was asked
  scale_min: The lowest answer
  scale_max: The highest answer
  theme: What the question is about
  kind: agreement or recommend
not_null: [question_id, text, scale_min, scale_max, kind]
checks:
  - scale_min < scale_max
*/
select
    question_id,
    text,
    scale_min,
    scale_max,
    coalesce(theme, '') as theme,
    coalesce(kind, 'agreement') as kind
from source.survey_questions
order by question_id
