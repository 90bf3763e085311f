-- The page's bytes, kept once.
INSERT INTO page (entry_id, url, media_type, charset, fetched_at, body, body_bytes, body_sha256)
VALUES (:entry_id, :url, :media_type, :charset, :fetched_at, :body, :body_bytes, :body_sha256)
ON CONFLICT (entry_id, body_sha256) DO UPDATE SET fetched_at = page.fetched_at
RETURNING id
