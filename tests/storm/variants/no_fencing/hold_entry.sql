-- Broken: whoever comes may write, whatever its token.
SELECT id, state, origin, host, url, first_seen_at, :token IS NOT NULL AS leased
FROM entry WHERE id = :id
