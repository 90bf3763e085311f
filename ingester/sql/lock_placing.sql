-- One placement at a time in this archive: two copies that arrive at once can't miss each other. Its
-- look-ups are by index all, row by row: what the planner would spend on each is saved, no plan made for an
-- empty table lives on, and none passes through a whole table or index because that is small yet.
SELECT pg_advisory_xact_lock(hashtext('ingester.place'), CAST(CAST(CAST('archive' AS regclass) AS oid) AS integer)),
       set_config('plan_cache_mode', 'force_generic_plan', true) AS plans,
       set_config('enable_seqscan', 'off', true) AS scans,
       set_config('enable_hashjoin', 'off', true) AS hashes,
       set_config('enable_mergejoin', 'off', true) AS merges,
       set_config('jit', 'off', true) AS jit
