-- Of which archive this is the shadow, by which settings, and since when.
INSERT INTO regroup.begun (archive, settings, at)
VALUES (current_schema(), CAST(:settings AS jsonb), clock_timestamp())
