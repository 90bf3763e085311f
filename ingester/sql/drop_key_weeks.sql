-- Whole weeks of keys that are older than they are kept. Gives how many partitions went.
SELECT drop_key_weeks(CAST(now() AS date) - CAST(:days AS integer)) AS partitions
