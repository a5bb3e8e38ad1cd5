/*
description: >
  Accounts, each with its building and, where it can be told, its target: an account that names
  only a building enrolls the sole target that was listed there on that day, else the sole manager,
  else none.
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
  place: Its building's place
*/
with answering as (
    select
        a.account_id,
        case
            when count(*) = 1 then min(t.target_id)
            when count(*) filter (where t.role = 'manager') = 1
                then min(t.target_id) filter (where t.role = 'manager')
        end as target_id
    from source.accounts as a
    inner join staging.targets as t on a.building_id = t.building_id
    where
        a.target_id is null
        and (t.listed_on is null or t.listed_on <= a.enrolled_on)
        and (t.removed_on is null or t.removed_on > a.enrolled_on)
    group by a.account_id
),

housed as (
    select
        a.*,
        coalesce(t.building_id, a.building_id) as housed_in
    from source.accounts as a
    left join staging.targets as t on a.target_id = t.target_id
)

select
    a.account_id,
    coalesce(a.target_id, w.target_id) as target_id,
    b.building_id,
    a.enrolled_on,
    a.ended_on,
    a.last_active_on,
    a.form,
    a.invited_on,
    a.prong,
    b.place
from housed as a
inner join staging.buildings as b on a.housed_in = b.building_id
left join answering as w on a.account_id = w.account_id
