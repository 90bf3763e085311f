-- A feed at its new URL; nothing where another feed has that.
UPDATE feed SET
    url = :url, url_sha256 = :url_sha256, host = :host, moved_to = NULL, moved_since = NULL, moved_polls = 0
WHERE id = :id AND NOT EXISTS (SELECT FROM feed f WHERE f.url_sha256 = :url_sha256)
RETURNING id
