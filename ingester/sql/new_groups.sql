-- Ids for stories and events to be.
SELECT ARRAY(SELECT nextval(pg_get_serial_sequence('story', 'id')) FROM generate_series(1, :stories)) AS stories,
       ARRAY(SELECT nextval(pg_get_serial_sequence('event', 'id')) FROM generate_series(1, :events)) AS events
