-- Coarsest and finest level of the pyramid of cells; both empty in a city without buildings.
select
    min(level) as coarsest,
    max(level) as finest
from marts.map_cells
