-- The article at a URL, with its present revision.
SELECT a.id, a.entry_id, a.revision, a.first_seen_at, r.body_sha256, r.title, r.text
FROM article a JOIN revision r ON r.article_id = a.id AND r.number = a.revision
WHERE a.url_sha256 = :url_sha256
