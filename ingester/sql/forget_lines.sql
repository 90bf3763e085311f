-- Lines that were not seen for long.
DELETE FROM outlet_line WHERE NOT spared AND last_seen < CAST(now() AS date) - CAST(:days AS integer)
