-- Out of quarantine, to be tried as if for the first time: one URL, or all.
UPDATE entry SET state = 'pending', attempts = 0, crashes = 0, next_at = now(), claimed_until = NULL, changed_at = now()
WHERE state = 'quarantined' AND origin = 'feed'
    AND (CAST(:url_sha256 AS bytea) IS NULL OR url_sha256 = CAST(:url_sha256 AS bytea))
RETURNING url
