-- How many gave each score, by question, wave and one segment ('' for all together).
select
    question_id,
    wave,
    case $segment
        when 'sector' then sector
        when 'size_band' then size_band
        when 'area_id' then area_name
        else ''
    end as segment,
    score,
    count(*) as n
from marts.survey_answers
where wave <= $as_of and score is not null
group by question_id, wave, segment, score
order by question_id, wave, segment, score
