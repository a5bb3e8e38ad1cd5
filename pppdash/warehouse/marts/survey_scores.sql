/*
description: Survey scores that somebody else has averaged already; how many answered is unknown.
grain: [wave, question_id, area_id]
columns:
  wave: Day that stands for the wave
  question_id: What was asked
  area_id: The area, or a plain label; Whole city where none is named
  score: The average on the question's scale
not_null: [wave, question_id, area_id, score]
*/
select
    wave,
    question_id,
    coalesce(area_id, 'Whole city') as area_id,
    score
from source.survey_scores
order by wave, question_id, area_id
