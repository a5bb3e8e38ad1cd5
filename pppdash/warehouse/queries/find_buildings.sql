-- Buildings whose name or address holds, for each list of $words, one of the words in it; those
-- first whose name alone does. Words are in lower case and without accents. The list whose words
-- are long sorts most buildings out, so it is looked for first, in one pattern.
with written as (
    select
        place,
        name,
        lower(strip_accents(concat_ws(' ', name, address))) as said
    from marts.buildings
),

found as (
    select
        place,
        len(list_filter(
            $words::varchar[][],
            lambda any_of: len(list_filter(
                any_of, lambda word: contains(lower(strip_accents(coalesce(name, ''))), word)
            )) = 0
        )) = 0 as is_called_so
    from written
    where
        regexp_matches(said, list_reverse_sort(list_transform(
            $words::varchar[][],
            lambda any_of: struct_pack(
                letters := list_min(list_transform(any_of, lambda word: length(word))),
                pattern := array_to_string(
                    list_transform(any_of, lambda word: regexp_escape(word)), '|'
                )
            )
        ))[1].pattern)
        and len(list_filter(
            $words::varchar[][],
            lambda any_of: len(list_filter(any_of, lambda word: contains(said, word))) = 0
        )) = 0
    order by is_called_so desc, place asc
    limit $limit
)

select
    b.place,
    b.building_id,
    coalesce(b.name, '') as name,
    coalesce(b.address, '') as address,
    b.x,
    b.y
from found as f
inner join marts.buildings as b on f.place = b.place
order by f.is_called_so desc, b.place asc
