-- The article at a URL, with its present revision.
SELECT a.id, a.entry_id, a.revision, a.first_seen_at, a.story_id, s.event_id, r.body_sha256, r.title, r.text
FROM article a
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN story s ON s.id = a.story_id
WHERE a.url_sha256 = :url_sha256
