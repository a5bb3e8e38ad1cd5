-- Shared by the models, and gone once the build is done; but for the last, which stays in the file
-- for the queries.
create or replace temp macro size_band(employees, mid_sized, large) as
case
    when employees is null then 'Unknown'
    when employees < mid_sized then 'small'
    when employees < large then 'mid-sized'
    else 'large'
end;

-- Web Mercator positions in whole numbers of 2^28 to a world's width: x grows eastward from
-- 180 degrees west, y southward from 85.05 degrees north.
create or replace temp macro world_x(longitude) as
floor((longitude + 180) / 360 * 268435456)::integer;

create or replace temp macro world_y(latitude) as
greatest(0, least(268435455, floor(
    (1 - asinh(tan(radians(greatest(-85.05112878, least(85.05112878, latitude))))) / pi())
    / 2 * 268435456
)))::integer;

-- Every bit of a number below 2^32 in every second place.
create or replace temp macro spread_16(n) as (n | (n << 16)) & 281470681808895::ubigint;
create or replace temp macro spread_8(n) as (n | (n << 8)) & 71777214294589695::ubigint;
create or replace temp macro spread_4(n) as (n | (n << 4)) & 1085102592571150095::ubigint;
create or replace temp macro spread_2(n) as (n | (n << 2)) & 3689348814741910323::ubigint;
create or replace temp macro spread_1(n) as (n | (n << 1)) & 6148914691236517205::ubigint;
create or replace temp macro spread(n) as
spread_1(spread_2(spread_4(spread_8(spread_16(n::ubigint)))));

-- Where a point lies along the Z-order curve; points that are near on it are near each other.
create or replace temp macro curve(x, y) as spread(x) | (spread(y) << 1);

-- Meters between two places given in degrees, by the haversine formula.
create or replace macro marts.distance_m(latitude, longitude, to_latitude, to_longitude) as
2 * 6371008.8 * asin(least(1, sqrt(
    sin(radians(latitude - to_latitude) / 2) ** 2
    + cos(radians(to_latitude)) * cos(radians(latitude))
    * sin(radians(longitude - to_longitude) / 2) ** 2
)));
