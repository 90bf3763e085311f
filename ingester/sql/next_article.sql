-- The id of an article to be.
SELECT nextval(pg_get_serial_sequence('article', 'id')) AS id
