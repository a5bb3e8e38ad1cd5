/*
description: Which target, or else building, already belongs to another program.
grain: [target_id, building_id, program]
columns:
  target_id: The member, where it is known
  building_id: The building of the member
  program: What it belongs to
*/
select distinct
    m.target_id,
    coalesce(t.building_id, m.building_id) as building_id,
    m.program
from source.memberships as m
left join staging.targets as t on m.target_id = t.target_id
