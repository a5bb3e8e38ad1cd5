-- First month in which the program can have had an account.
select date_trunc('month', min(started_on))::date as first_month
from (
    select min(enrolled_on) as started_on from marts.accounts
    union all
    select $launched_on::date as started_on
) as starts
