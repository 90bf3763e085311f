-- The feed that has been due for longest, leased, of a host that nobody is asking just now; what is
-- held of it is named where the server is to be asked for changes only, and nothing was left unread. A feed that nobody lived to
-- answer for is not claimed again as soon as the lease has run out, but later each time.
UPDATE feed SET
    claimed_until = now() + make_interval(secs => :lease_s),
    claim_token = claim_token + 1,
    crashes = crashes + 1,
    next_at = now() + make_interval(secs => least(:first_s * 2.0 ^ least(crashes, 30), :longest_s))
WHERE id = (
    SELECT f.id FROM feed f
    WHERE f.state <> 'gone' AND f.next_at <= now() AND (f.claimed_until IS NULL OR f.claimed_until <= now())
        AND f.host NOT IN (SELECT h.host FROM host h WHERE h.free_at > now() + make_interval(secs => :patience_s))
        AND NOT EXISTS (SELECT FROM feed b WHERE b.host = f.host AND b.claimed_until > now())
    ORDER BY f.next_at, f.id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, url, host, claim_token, parsed_at IS NULL AS new, errors, failing_since, interval_s, body_sha256, unread,
          CASE WHEN trusted AND not_modified < :whole_every AND unread = '{}' THEN etag END AS etag,
          CASE WHEN trusted AND not_modified < :whole_every AND unread = '{}' THEN last_modified END AS last_modified
