-- Words of names and addresses near those asked for: is_part where a word asked for is part of
-- one, and, likeliest first, at most 50 that are it but for one letter that is wrong, missing,
-- added or swapped with the next, or that begin so. One wrong letter leaves what is before it or
-- what is after it whole, which is what is looked for before edits are counted. Words of one or two
-- letters are near too many; those of three are no beginnings.
with asked as (
    select
        word,
        length(word) as letters,
        left(word, length(word) // 2) as head,
        substr(word, length(word) // 2 + 2) as tail
    from (select unnest($words::varchar[]) as word) as each_word
),

likely as (
    select
        a.word,
        a.letters,
        w.word as near,
        w.buildings,
        contains(w.word, a.word) as is_part
    from asked as a
    cross join marts.building_words as w
    where
        contains(w.word, a.word)
        or (
            a.letters >= 3
            and length(w.word) >= a.letters - 1
            and (starts_with(w.word, a.head) or contains(w.word, a.tail))
        )
),

measured as (
    select
        word,
        near,
        buildings,
        is_part,
        damerau_levenshtein(near, word) as edits,
        if(
            letters = 3,
            99,
            least(
                damerau_levenshtein(left(near, letters - 1), word),
                damerau_levenshtein(left(near, letters), word),
                damerau_levenshtein(left(near, letters + 1), word)
            )
        ) as edits_of_beginning
    from likely
),

ranked as (
    select
        word,
        near,
        is_part,
        row_number() over (
            partition by word
            order by not is_part, least(edits, 2), edits_of_beginning, -buildings, near
        ) as likelihood
    from measured
    where is_part or edits <= 1 or edits_of_beginning <= 1
)

select
    word,
    near,
    is_part
from ranked
where likelihood <= 50
order by word, likelihood
