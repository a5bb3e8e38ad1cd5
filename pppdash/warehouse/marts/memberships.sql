/*
description: Which target, or else building, already belongs to another program.
grain: [target_id, building_id, program]
columns:
  target_id: The member, where it is known
  building_id: The building of the member
  program: What it belongs to
not_null: [building_id, program]
*/
select *
from staging.memberships
order by building_id, target_id, program
