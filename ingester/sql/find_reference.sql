-- The article that a person means: by id or by URL.
SELECT a.id, a.url, a.story_id, s.event_id, r.title, coalesce(o.name, o.host) AS outlet, a.first_seen_at,
       r.published_at, r.agency, s.canonical_article_id = a.id AS is_canonical,
       coalesce(r.signed_text, r.text) AS signed_text
FROM article a
JOIN story s ON s.id = a.story_id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN outlet o ON o.id = a.outlet_id
WHERE a.url_sha256 = :url_sha256 OR a.id = :id
