-- The entry that has been due for longest, leased, of a host that nobody is asking just now.
UPDATE entry SET
    claimed_until = now() + make_interval(secs => :lease_s),
    claim_token = claim_token + 1,
    attempts = attempts + 1
WHERE id = (
    SELECT e.id FROM entry e
    WHERE e.state = 'pending' AND e.origin = 'feed' AND e.next_at <= now()
        AND e.attempts < :attempts AND (e.claimed_until IS NULL OR e.claimed_until <= now())
        AND e.host NOT IN (SELECT h.host FROM host h WHERE h.free_at > now() + make_interval(secs => :patience_s))
        AND NOT EXISTS (SELECT FROM entry b WHERE b.host = e.host AND b.claimed_until > now())
    ORDER BY e.next_at, e.id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, url, claim_token, attempts, title, outlet,
          published_at, published_precision, published_zoned, published_raw, 'feed' AS published_source
