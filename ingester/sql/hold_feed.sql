-- The feed, locked, if its lease is still this worker's.
SELECT id FROM feed WHERE id = :id AND claim_token = :token AND claimed_until IS NOT NULL FOR UPDATE
