/*
description: >
  Accounts, each with its building and, where it can be told, its target: an account that names
  only a building enrolls the building's sole target, else its sole manager, else none.
grain: [account_id]
columns:
  account_id: The city's own id of the account
  target_id: The target it enrolls; empty where only the building is known
  building_id: The building it is in
  enrolled_on: First day active
  ended_on: First day not active any more; empty while it lasts
  last_active_on: Last day anything was done with it
  form: memorandum or simplified
  invited_on: Day of the invitation
  prong: wide_net or targeted
*/
with answering as (
    select
        building_id,
        case
            when count(*) = 1 then min(target_id)
            when count(*) filter (where role = 'manager') = 1
                then min(target_id) filter (where role = 'manager')
        end as target_id
    from staging.targets
    group by building_id
)

select
    a.account_id,
    coalesce(a.target_id, w.target_id) as target_id,
    coalesce(t.building_id, a.building_id) as building_id,
    a.enrolled_on,
    a.ended_on,
    a.last_active_on,
    a.form,
    a.invited_on,
    a.prong
from source.accounts as a
left join staging.targets as t on a.target_id = t.target_id
left join answering as w on a.target_id is null and a.building_id = w.building_id
