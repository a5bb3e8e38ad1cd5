/*
description: >
  Dated events around which enrollment rises, each with the whole months that count as its own:
  before a planned event, after anything else, never before the program's launch.
grain: [flash_point_id]
columns:
  flash_point_id: The city's own id of the event
  name: What the event is called
  kind: planned_event, attack, violence_spike, disaster or unspecified
  scope: local, national or unspecified
  started_on: First day of the event
  ended_on: Last day of the event, where it lasted
  window_start: First day of its window
  window_end: Last day of its window
  holds_launch: >
    Whether the program was launched inside the window; where its launch is not on record, the
    first account stands for it
  longitude: {is: Where it happened, unit: degrees}
  latitude: {is: Where it happened, unit: degrees}
not_null: [flash_point_id, name, kind, scope, started_on, window_start, window_end, holds_launch]
*/
with first_account as (
    select min(enrolled_on) as enrolled_on
    from staging.accounts
),

months as (
    select
        f.*,
        date_trunc('month', coalesce(s.launched_on, a.enrolled_on))::date as launch_month,
        coalesce(f.kind = 'planned_event', false) as is_planned,
        date_trunc('month', f.started_on)::date as event_month,
        s.planned_before,
        s.planned_after,
        s.other_after
    from source.flash_points as f
    cross join source.settings as s
    cross join first_account as a
),

windows as (
    select
        *,
        (event_month - to_months(if(is_planned, planned_before, 0)))::date as earliest,
        (
            event_month + to_months(if(is_planned, planned_after, other_after) + 1)
        )::date as next_month
    from months
)

select
    flash_point_id,
    name,
    coalesce(kind, 'unspecified') as kind,
    coalesce(scope, 'unspecified') as scope,
    started_on,
    ended_on,
    if(
        launch_month between earliest and next_month - 1, launch_month, earliest
    ) as window_start,
    (next_month - 1)::date as window_end,
    coalesce(launch_month between earliest and next_month - 1, false) as holds_launch,
    longitude,
    latitude
from windows
order by started_on, flash_point_id
