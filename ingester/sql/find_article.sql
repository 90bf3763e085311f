-- The article of an entry, else the one at its URL, with its present revision.
SELECT a.id, a.url, a.entry_id, a.revision, a.first_seen_at, a.story_id, s.event_id,
       r.body_sha256, r.title, r.text, r.authors, r.published_at, r.agency
FROM article a
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN story s ON s.id = a.story_id
WHERE a.url_sha256 = :url_sha256 OR a.entry_id = :entry_id
ORDER BY a.entry_id = :entry_id DESC
LIMIT 1
