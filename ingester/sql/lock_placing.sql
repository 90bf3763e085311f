-- One placement at a time in this archive: two copies that arrive at once can't miss each other.
SELECT pg_advisory_xact_lock(hashtext('ingester.place'), CAST(CAST(CAST('archive' AS regclass) AS oid) AS integer))
