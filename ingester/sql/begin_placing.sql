-- An article's id to be, today on the database's clock, and today's key partitions in place.
SELECT nextval(pg_get_serial_sequence('article', 'id')) AS id, CAST(now() AS date) AS today,
       ensure_key_day(CAST(now() AS date))
