-- The stored entry whose next visit has been due for longest, leased, of a host that nobody is asking
-- just now. The visit is counted here, those that were missed too.
WITH plan AS (
    SELECT number, make_interval(secs => after_s) AS after
    FROM unnest(CAST(:after_s AS float8[])) WITH ORDINALITY AS p(after_s, number)
)
UPDATE entry SET
    claimed_until = now() + make_interval(secs => :lease_s),
    claim_token = claim_token + 1,
    attempts = attempts + 1,
    visits = (SELECT count(*) FROM plan p WHERE entry.first_seen_at + p.after <= now())
WHERE id = (
    SELECT e.id FROM plan p
    JOIN entry e ON e.visits = p.number - 1 AND e.first_seen_at <= now() - p.after
    WHERE e.state = 'stored' AND e.origin = 'feed' AND e.next_at <= now()
        AND (e.claimed_until IS NULL OR e.claimed_until <= now())
        AND e.host NOT IN (SELECT h.host FROM host h WHERE h.free_at > now() + make_interval(secs => :patience_s))
        AND NOT EXISTS (SELECT FROM entry b WHERE b.host = e.host AND b.claimed_until > now())
    ORDER BY e.first_seen_at + p.after
    LIMIT 1
    FOR UPDATE OF e SKIP LOCKED
)
RETURNING id, url, claim_token, attempts, crashes, title, outlet, visits,
          published_at, published_precision, published_zoned, published_raw, 'feed' AS published_source,
          (SELECT p.etag FROM page p WHERE p.entry_id = entry.id ORDER BY p.id DESC LIMIT 1) AS etag,
          (SELECT p.last_modified FROM page p WHERE p.entry_id = entry.id ORDER BY p.id DESC LIMIT 1) AS last_modified
