-- The last page that was kept of an entry in quarantine.
SELECT p.url, p.media_type, p.charset, p.fetched_at, p.body
FROM entry e JOIN page p ON p.entry_id = e.id
WHERE e.state = 'quarantined' AND e.url_sha256 = :url_sha256
ORDER BY p.fetched_at DESC, p.id DESC
LIMIT 1
