-- A feed that was given up and is asked again at once, because another one moved to it.
UPDATE feed SET state = 'active', errors = 0, failing_since = NULL, next_at = now()
WHERE url_sha256 = :url_sha256 AND state <> 'active'
