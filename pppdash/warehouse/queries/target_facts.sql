-- What a plan asks of targets beyond their list: whose they are, where, and how large. Who owns the
-- building speaks for its manager and not for its tenants; the people of a manager are those of the
-- building, of a tenant its own.
select
    t.target_id,
    if(t.role = 'tenant' and t.owner_id = b.owner_id, null, t.owner_id) as owner_id,
    b.longitude,
    b.latitude,
    b.floor_area_sqft,
    if(t.role = 'manager', coalesce(b.occupants, b.employees, t.employees), t.employees) as people
from marts.targets as t
inner join marts.buildings as b on t.place = b.place
