-- What became of every row of every entity.
select * from marts.entities
