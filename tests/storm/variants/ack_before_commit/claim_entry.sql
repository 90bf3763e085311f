-- Broken: the queue is told that the entry is done when it is handed out.
UPDATE entry SET
    state = 'stored',
    claimed_until = now() + make_interval(secs => :lease_s),
    claim_token = claim_token + 1,
    attempts = attempts + 1
WHERE id = (
    SELECT e.id FROM entry e
    WHERE e.state = 'pending' AND e.origin = 'feed' AND e.next_at <= now() AND e.attempts < :attempts
        AND e.host NOT IN (SELECT h.host FROM host h WHERE h.free_at > now() + make_interval(secs => :patience_s))
    ORDER BY e.next_at, e.id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, url, host, claim_token, attempts, crashes, title, outlet,
          published_at, published_precision, published_zoned, published_raw, 'feed' AS published_source
