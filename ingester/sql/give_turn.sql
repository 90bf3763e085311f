-- A turn given back: the host is free after the pause that is due to it.
UPDATE host SET
    delay_s = coalesce(CAST(:delay_s AS float8), delay_s),
    free_at = now() + make_interval(secs => greatest(:pause_s, coalesce(CAST(:delay_s AS float8), delay_s)))
WHERE host = :host AND turn = :turn
