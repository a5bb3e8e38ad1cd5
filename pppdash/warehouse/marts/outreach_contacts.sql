/*
description: Contacts that the program's people made, and what came of them.
grain: [contact_id]
columns:
  contact_id: The city's own id of the contact
  target_id: The target that was contacted, where it is known
  building_id: Its building
  contacted_on: Day of the contact
  channel: How it was made
  prong: wide_net or targeted
  outcome: enrolled, interested, declined or no_answer
  staff_hours: {is: Time it took, unit: hours}
  plan_id: The plan it belonged to
not_null: [contact_id, building_id, contacted_on]
*/
select
    c.contact_id,
    c.target_id,
    coalesce(t.building_id, c.building_id) as building_id,
    c.contacted_on,
    c.channel,
    c.prong,
    c.outcome,
    c.staff_hours,
    c.plan_id
from source.outreach_contacts as c
left join staging.targets as t on c.target_id = t.target_id
order by c.contacted_on, c.contact_id
