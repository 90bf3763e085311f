-- The entry, locked, if the last lease was this worker's; and whether it still is.
SELECT id, state, origin, host, url, first_seen_at, claimed_until IS NOT NULL AS leased
FROM entry WHERE id = :id AND claim_token = :token FOR UPDATE
