-- The last page that is kept of an entry in quarantine.
SELECT p.body
FROM entry e JOIN page p ON p.entry_id = e.id
WHERE e.state = 'quarantined' AND e.url_sha256 = :url_sha256 AND p.body IS NOT NULL
ORDER BY p.fetched_at DESC, p.id DESC
LIMIT 1
