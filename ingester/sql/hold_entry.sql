-- The entry, locked, if its lease is still this worker's; also where an unanswered commit went through.
SELECT id, state, host, url, first_seen_at FROM entry WHERE id = :id AND claim_token = :token FOR UPDATE
