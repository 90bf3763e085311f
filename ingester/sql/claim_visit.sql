-- The oldest due visit to a stored entry of the next host that nobody is asking just now, leased; hosts come
-- in their turn, as in claim_entry. Its number counts those that were missed too.
WITH RECURSIVE plan AS (
    SELECT number, make_interval(secs => after_s) AS after
    FROM unnest(CAST(:after_s AS float8[])) WITH ORDINALITY AS p(after_s, number)
), round (host, lap) AS (
    SELECT CAST(:after AS text), 0
    WHERE EXISTS (  -- one is due at all: else no host need be looked at
        SELECT FROM plan p
        CROSS JOIN LATERAL (
            SELECT e.first_seen_at FROM entry e  -- ordered, or the planner reads the whole table for one that is due
            WHERE e.state = 'stored' AND e.origin = 'feed' AND e.visits = p.number - 1
            ORDER BY e.first_seen_at
            LIMIT 1
        ) oldest
        WHERE oldest.first_seen_at <= now() - p.after
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
), claimed AS (
    UPDATE entry SET
        claimed_until = now() + make_interval(secs => :lease_s),
        claim_token = claim_token + 1,
        attempts = attempts + 1
    WHERE id = (
        SELECT oldest.id
        FROM round r
        CROSS JOIN plan p
        CROSS JOIN LATERAL (
            SELECT e.id FROM entry e
            WHERE e.host = r.host AND e.state = 'stored' AND e.origin = 'feed'
                AND e.visits = p.number - 1 AND e.first_seen_at <= now() - p.after AND e.next_at <= now()
                AND e.attempts < :attempts AND e.crashes < :crashes AND (e.claimed_until IS NULL OR e.claimed_until <= now())
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
    RETURNING *
)
SELECT c.id, c.url, c.host, c.claim_token, c.attempts, c.crashes, c.title, c.outlet,
       c.published_at, c.published_precision, c.published_zoned, c.published_raw, 'feed' AS published_source,
       (SELECT count(*) FROM plan p WHERE c.first_seen_at + p.after <= now()) AS number, p.etag, p.last_modified
FROM claimed c
JOIN article a ON a.id = c.article_id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN page p ON p.id = r.page_id
