-- Contacts made until a date with whom, and what came of them as far as that was known by then:
-- that a contact ended in an account is not known before the account is opened. The outcome before
-- is of the contact before, as far as that left anything open. Memberships carry no dates.
with known as (
    select
        c.contact_id,
        c.target_id,
        c.contacted_on,
        c.staff_hours,
        coalesce(t.sector, b.sector) as sector,
        coalesce(t.size_band, b.size_band) as size_band,
        coalesce(c.prong, 'unknown') as prong,
        coalesce(t.memberships <> '', b.is_member) as is_member,
        case
            when
                c.outcome = 'enrolled'
                and c.target_id in (
                    select a.target_id
                    from marts.accounts as a
                    where a.enrolled_on > $as_of
                )
                and c.target_id not in (
                    select a.target_id
                    from marts.accounts as a
                    where a.enrolled_on between c.contacted_on and $as_of
                )
                then null
            else c.outcome
        end as outcome
    from marts.outreach_contacts as c
    inner join marts.buildings as b on c.building_id = b.building_id
    left join marts.targets as t on c.target_id = t.target_id
    where c.contacted_on <= $as_of
)

select
    *,
    coalesce(
        if(
            target_id is null,
            null,
            nullif(
                lag(outcome ignore nulls) over (
                    partition by target_id order by contacted_on, contact_id
                ),
                'enrolled'
            )
        ),
        'none'
    ) as last_outcome
from known
order by contacted_on, contact_id
