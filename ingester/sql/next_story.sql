-- The id of a story to be.
SELECT nextval(pg_get_serial_sequence('story', 'id')) AS id
