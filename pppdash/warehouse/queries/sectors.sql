-- Sectors that occur in the city.
select sector from marts.targets
union
select sector from marts.buildings
