-- Every column of every mart, from the models' headers.
select * from marts.dictionary
