-- What the city wants to reach.
select
    metric,
    scope,
    key,
    layer,
    target,
    due,
    owner
from marts.goals
