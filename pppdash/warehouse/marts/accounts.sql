/*
description: Enrollments, ended ones included. Active from enrolled_on to the day before ended_on.
grain: [account_id]
columns:
  account_id: The city's own id of the account
  target_id: The target it enrolls; empty where only the building is known
  building_id: The building it is in
  sector: Its target's sector, else its building's
  size_band: Its target's size band, else its building's
  enrolled_on: First day active
  ended_on: First day not active any more; empty while it lasts
  last_active_on: Last day anything was done with it; empty where that is not recorded
  dormant_on: First day it counts as dormant, unless it ends before; empty where unknown
  form: memorandum or simplified
  invited_on: Day of the invitation
  prong: wide_net or targeted
  place: Its building's place, in whose order accounts are stored
not_null: [account_id, building_id, sector, size_band, enrolled_on, place]
checks:
  - ended_on is null or ended_on >= enrolled_on
  - dormant_on is null or dormant_on > enrolled_on
*/
select
    a.account_id,
    a.target_id,
    a.building_id,
    coalesce(t.sector, b.sector) as sector,
    coalesce(t.size_band, b.size_band) as size_band,
    a.enrolled_on,
    a.ended_on,
    a.last_active_on,
    (a.last_active_on + to_days(s.dormant_after_days + 1))::date as dormant_on,
    a.form,
    a.invited_on,
    a.prong,
    a.place
from staging.accounts as a
inner join staging.buildings as b on a.place = b.place
left join staging.targets as t on a.target_id = t.target_id
cross join source.settings as s
order by a.place, a.enrolled_on, a.account_id
