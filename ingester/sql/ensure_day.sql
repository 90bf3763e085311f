-- The key partitions of one day.
SELECT ensure_key_day(CAST(:day AS date))
