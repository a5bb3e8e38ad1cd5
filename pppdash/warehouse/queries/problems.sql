-- Rejected rows and warnings, rejections first.
select *
from marts.problems
order by severity, entity, file, row
