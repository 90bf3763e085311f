-- Ids for rows to be, of a table that counts its own.
SELECT nextval(pg_get_serial_sequence(:table, 'id')) AS id FROM generate_series(1, :count)
