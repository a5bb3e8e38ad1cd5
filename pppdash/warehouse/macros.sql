-- Shared by the models; gone once the build is done.
create or replace temp macro size_band(employees, mid_sized, large) as
case
    when employees is null then 'Unknown'
    when employees < mid_sized then 'small'
    when employees < large then 'mid-sized'
    else 'large'
end;
