-- The oldest due visit to a stored entry of the next host that nobody is asking just now, leased; hosts come
-- in their turn, as in claim_entry. The visit is counted here, those that were missed too.
WITH RECURSIVE plan AS (
    SELECT number, make_interval(secs => after_s) AS after
    FROM unnest(CAST(:after_s AS float8[])) WITH ORDINALITY AS p(after_s, number)
), round (host, lap) AS (
    SELECT CAST(:after AS text), 0
    WHERE EXISTS (  -- one is due at all: else no host need be looked at
        SELECT FROM plan p
        CROSS JOIN LATERAL (
            SELECT FROM entry e
            WHERE e.state = 'stored' AND e.origin = 'feed'
                AND e.visits = p.number - 1 AND e.first_seen_at <= now() - p.after
            LIMIT 1
        ) due
    )
    UNION ALL
    SELECT coalesce(next.host, ''), r.lap + (next.host IS NULL)::integer
    FROM round r
    LEFT JOIN LATERAL (
        SELECT e.host FROM entry e
        WHERE e.state = 'stored' AND e.origin = 'feed' AND e.host > r.host
        ORDER BY e.host
        LIMIT 1
    ) next ON true
    WHERE r.lap = 0 OR (r.lap = 1 AND next.host <= :after)
)
UPDATE entry SET
    claimed_until = now() + make_interval(secs => :lease_s),
    claim_token = claim_token + 1,
    attempts = attempts + 1,
    visits = (SELECT count(*) FROM plan p WHERE entry.first_seen_at + p.after <= now())
WHERE id = (
    SELECT oldest.id
    FROM round r
    CROSS JOIN plan p
    CROSS JOIN LATERAL (
        SELECT e.id FROM entry e
        WHERE e.host = r.host AND e.state = 'stored' AND e.origin = 'feed'
            AND e.visits = p.number - 1 AND e.first_seen_at <= now() - p.after AND e.next_at <= now()
            AND (e.claimed_until IS NULL OR e.claimed_until <= now())
            AND NOT EXISTS (
                SELECT FROM host h
                WHERE h.host = r.host AND h.free_at > now() + make_interval(secs => :patience_s)
            )
            AND NOT EXISTS (SELECT FROM entry b WHERE b.host = r.host AND b.claimed_until > now())
        ORDER BY e.first_seen_at
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) oldest
    WHERE r.lap = 1 OR r.host > :after
    LIMIT 1
)
RETURNING id, url, host, claim_token, attempts, crashes, title, outlet, visits,
          published_at, published_precision, published_zoned, published_raw, 'feed' AS published_source,
          (SELECT p.etag FROM page p WHERE p.entry_id = entry.id ORDER BY p.id DESC LIMIT 1) AS etag,
          (SELECT p.last_modified FROM page p WHERE p.entry_id = entry.id ORDER BY p.id DESC LIMIT 1) AS last_modified
