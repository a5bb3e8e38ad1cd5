-- Scores that somebody else has averaged, as they were published.
select
    s.question_id,
    q.text,
    q.theme,
    s.wave,
    s.area_id,
    s.score,
    q.scale_min,
    q.scale_max
from marts.survey_scores as s
inner join marts.survey_questions as q on s.question_id = q.question_id
where s.wave <= $as_of
order by s.question_id, s.area_id, s.wave
