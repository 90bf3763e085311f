-- The oldest due entry of the next host that nobody is asking just now, leased. The hosts with waiting
-- entries are passed one by one, from the one after the last that was claimed, and once around: how much
-- waits for a host costs nothing.
WITH RECURSIVE round (host, lap) AS (
    SELECT CAST(:after AS text), 0
    UNION ALL
    SELECT coalesce(next.host, ''), r.lap + (next.host IS NULL)::integer
    FROM round r
    LEFT JOIN LATERAL (
        SELECT e.host FROM entry e
        WHERE e.state = 'pending' AND e.origin = 'feed' AND e.host > r.host
        ORDER BY e.host
        LIMIT 1
    ) next ON true
    WHERE r.lap = 0 OR (r.lap = 1 AND next.host <= :after)
)
UPDATE entry SET
    claimed_until = now() + make_interval(secs => :lease_s),
    claim_token = claim_token + 1,
    attempts = attempts + 1
WHERE id = (
    SELECT oldest.id
    FROM round r
    CROSS JOIN LATERAL (
        SELECT e.id FROM entry e
        WHERE e.host = r.host AND e.state = 'pending' AND e.origin = 'feed' AND e.next_at <= now()
            AND e.attempts < :attempts AND e.crashes < :crashes AND (e.claimed_until IS NULL OR e.claimed_until <= now())
            AND NOT EXISTS (
                SELECT FROM host h
                WHERE h.host = r.host AND h.free_at > now() + make_interval(secs => :patience_s)
            )
            AND NOT EXISTS (SELECT FROM entry b WHERE b.host = r.host AND b.claimed_until > now())
        ORDER BY e.next_at, e.id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) oldest
    WHERE r.lap = 1 OR r.host > :after
    LIMIT 1
)
RETURNING id, url, host, claim_token, attempts, crashes, title, outlet,
          published_at, published_precision, published_zoned, published_raw, 'feed' AS published_source
