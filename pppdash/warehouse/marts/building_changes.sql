/*
description: >
  By how much each count of what the map shows changed on a day in a building; summed up to a
  date they are the counts on that date. Its status goes by its own sector and size, accounts by
  theirs. A building is enrolled while it has an active account, ended once it had one. Stored by
  place.
grain: [place, sector, size_band, changed_on]
columns:
  place: The building's place
  x: {is: East-west position on the Web Mercator map, unit: world width / 2^28}
  y: {is: North-south position on the Web Mercator map, unit: world width / 2^28}
  sector: The building's sector, or the account's
  size_band: The building's size band, or the account's
  changed_on: The day
  buildings_enrolled: {is: 1 where the building became enrolled, -1 where it ended, unit: buildings}
  buildings_ended: {is: 1 where the building ended, -1 where it came back, unit: buildings}
  accounts_active: {is: Accounts opened less accounts ended, unit: accounts}
  accounts_dormant: {is: Accounts fallen dormant less those of them ended, unit: accounts}
not_null:
  - place
  - x
  - y
  - sector
  - size_band
  - changed_on
  - buildings_enrolled
  - buildings_ended
  - accounts_active
  - accounts_dormant
checks:
  - buildings_enrolled <> 0 or buildings_ended <> 0 or accounts_active <> 0 or accounts_dormant <> 0
*/
with stretches as (
    select
        *,
        enrolled_on > min(enrolled_on) over (partition by place) as comes_back
    from marts.building_enrollments
),

dormancies as (
    select *
    from marts.accounts
    where dormant_on < ended_on or (dormant_on is not null and ended_on is null)
),

changes as (
    select
        place,
        sector,
        size_band,
        enrolled_on as changed_on,
        1 as buildings_enrolled,
        -comes_back::integer as buildings_ended,
        0 as accounts_active,
        0 as accounts_dormant
    from stretches
    union all by name
    select
        place,
        sector,
        size_band,
        ended_on as changed_on,
        -1 as buildings_enrolled,
        1 as buildings_ended
    from stretches
    union all by name
    select
        place,
        sector,
        size_band,
        enrolled_on as changed_on,
        1 as accounts_active
    from marts.accounts
    union all by name
    select
        place,
        sector,
        size_band,
        ended_on as changed_on,
        -1 as accounts_active
    from marts.accounts
    union all by name
    select
        place,
        sector,
        size_band,
        dormant_on as changed_on,
        1 as accounts_dormant
    from dormancies
    union all by name
    select
        place,
        sector,
        size_band,
        ended_on as changed_on,
        -1 as accounts_dormant
    from dormancies
),

summed as (
    select
        place,
        sector,
        size_band,
        changed_on,
        coalesce(sum(buildings_enrolled), 0)::integer as buildings_enrolled,
        coalesce(sum(buildings_ended), 0)::integer as buildings_ended,
        coalesce(sum(accounts_active), 0)::integer as accounts_active,
        coalesce(sum(accounts_dormant), 0)::integer as accounts_dormant
    from changes
    where changed_on is not null
    group by place, sector, size_band, changed_on
)

select
    s.place,
    b.x,
    b.y,
    s.sector,
    s.size_band,
    s.changed_on,
    s.buildings_enrolled,
    s.buildings_ended,
    s.accounts_active,
    s.accounts_dormant
from summed as s
inner join staging.buildings as b on s.place = b.place
where
    s.buildings_enrolled <> 0
    or s.buildings_ended <> 0
    or s.accounts_active <> 0
    or s.accounts_dormant <> 0
order by s.place, s.changed_on, s.sector, s.size_band
