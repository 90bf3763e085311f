-- The feed that has been due for longest, leased.
UPDATE feed SET
    claimed_until = now() + make_interval(secs => :lease_s),
    claim_token = claim_token + 1,
    attempts = attempts + 1
WHERE id = (
    SELECT id FROM feed
    WHERE state = 'active' AND next_at <= now() AND (claimed_until IS NULL OR claimed_until <= now())
    ORDER BY next_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, url, claim_token, attempts, interval_s, etag, last_modified, body_sha256
