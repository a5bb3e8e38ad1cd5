/*
description: What the city wants to reach, by when, and which role answers for it.
grain: [metric, scope, key]
columns:
  metric: The metric the goal is for
  scope: all, sector or area
  key: Which sector or area; empty for all
  layer: The layer of that area, the first one that has its id; empty otherwise
  target: {is: The value to reach, unit: share}
  due: Day to reach it by
  owner: The role that answers for it
not_null: [metric, scope, key, layer, target, due]
*/
with layered as (
    select
        a.area_id,
        min_by(a.layer, list_position(s.layers, a.layer)) as layer
    from source.areas as a
    cross join source.settings as s
    group by a.area_id
),

stated as (
    select
        g.metric,
        coalesce(g.scope, 'all') as scope,
        coalesce(g.key, '') as key,
        if(g.scope = 'area', coalesce(l.layer, ''), '') as layer,
        g.target,
        g.due,
        g.owner
    from source.goals as g
    left join layered as l on g.key = l.area_id
)

select
    metric,
    scope,
    key,
    layer,
    target,
    due,
    owner
from stated
union all
select
    'coverage' as metric,
    'all' as scope,
    '' as key,
    '' as layer,
    goal_coverage as target,
    goal_due as due,
    null as owner
from source.settings
where
    goal_coverage is not null
    and not exists (select 1 from stated where stated.metric = 'coverage' and stated.scope = 'all')
order by metric, scope, key
