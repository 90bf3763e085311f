-- A turn given back: the host is free after the pause that is due to it; one that is asked too much, and
-- doesn't say for how long, after a rest that doubles each time in a row.
UPDATE host SET
    delay_s = coalesce(CAST(:delay_s AS float8), delay_s),
    refusals = CASE WHEN :rest_s > 0 THEN refusals + 1 ELSE 0 END,
    free_at = now() + make_interval(secs => greatest(
        :pause_s, coalesce(CAST(:delay_s AS float8), delay_s), least(:rest_s * 2 ^ least(refusals, 30), :longest_s)))
WHERE host = :host AND turn = :turn
