-- The turn with a host, where it is free: its number; else how many seconds it is not free yet.
WITH taken AS (
    INSERT INTO host AS h (host, free_at) VALUES (:host, now() + make_interval(secs => :lease_s))
    ON CONFLICT (host) DO UPDATE SET free_at = excluded.free_at, turn = h.turn + 1 WHERE h.free_at <= now()
    RETURNING turn
)
SELECT turn, 0 AS wait_s FROM taken
UNION ALL
SELECT NULL, extract(epoch FROM free_at - now())::float8 FROM host
WHERE host = :host AND NOT EXISTS (SELECT FROM taken)
