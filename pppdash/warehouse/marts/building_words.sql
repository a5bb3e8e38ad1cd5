/*
description: >
  The distinct words of buildings' names and addresses, which a misspelled word is looked up in:
  in lower case, without accents, split at anything but letters and digits. Words with more digits
  than letters are left out.
grain: [word]
columns:
  word: The word
  buildings: {is: Buildings whose name or address has it, unit: buildings}
not_null: [word, buildings]
*/
with written as (
    select lower(strip_accents(concat_ws(' ', name, address))) as said
    from staging.buildings
),

split as (
    select list_distinct(regexp_extract_all(said, '[\p{L}\p{N}]*\p{L}[\p{L}\p{N}]*')) as words
    from written
),

spoken as (
    select unnest(words) as word
    from split
),

counted as (
    select
        word,
        count(*) as buildings
    from spoken
    group by word
)

select
    word,
    buildings
from counted
where length(regexp_replace(word, '\p{L}', '', 'g')) * 2 <= length(word)
order by word
