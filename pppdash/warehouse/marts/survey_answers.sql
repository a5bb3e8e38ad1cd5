/*
description: >
  One respondent's answer to one question of one wave. Sector, size and area are what the
  respondent's row says, else their target's.
grain: [wave, respondent_id, question_id]
columns:
  wave: Day that stands for the wave
  respondent_id: The respondent's id; no person can be told from it here
  question_id: What was asked
  score: The answer on the question's scale; empty where it was not answered
  comment: What was said in words, e-mail addresses and telephone numbers removed
  sector: The respondent's sector, else Unclassified
  size_band: The respondent's size band
  area_id: The respondent's area of the first layer, or a plain label
  area_name: What that area is called
not_null: [wave, respondent_id, question_id, sector, size_band, area_id, area_name]
*/
select
    r.wave,
    r.respondent_id,
    r.question_id,
    r.score,
    r.comment,
    coalesce(r.sector, t.sector, 'Unclassified') as sector,
    coalesce(r.size_band, t.size_band, 'Unknown') as size_band,
    coalesce(r.area_id, p.area_id, 'Unknown') as area_id,
    coalesce(a.name, r.area_id, p.area_id, 'Unknown') as area_name
from source.survey_responses as r
cross join source.settings as s
left join staging.targets as t on r.target_id = t.target_id
left join source.building_areas as p
    on t.building_id = p.building_id and s.first_layer = p.layer
left join source.areas as a
    on s.first_layer = a.layer and a.area_id = coalesce(r.area_id, p.area_id)
order by r.wave, r.respondent_id, r.question_id
