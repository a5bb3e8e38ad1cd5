-- Rejected rows and warnings, rejections first. What an answer to a survey held is not told, as it
-- may be of a group too small to be shown; `rejected/` has it for whoever has the files.
select
    severity,
    entity,
    file,
    row,
    "column",
    case when entity != 'survey_responses' then value else '' end as value,
    reason,
    count
from marts.problems
order by severity, entity, file, row
