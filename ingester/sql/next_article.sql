-- The id of an article to be.
SELECT nextval(pg_get_serial_sequence('article', 'id')) AS id, now() AS first_seen_at
