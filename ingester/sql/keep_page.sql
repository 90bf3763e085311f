-- The page's bytes, kept once.
INSERT INTO page (entry_id, url, media_type, charset, fetched_at, etag, last_modified, body, body_bytes, body_sha256)
VALUES (:entry_id, :url, :media_type, :charset, :fetched_at, :etag, :last_modified, :body, :body_bytes, :body_sha256)
ON CONFLICT (entry_id, body_sha256) DO UPDATE SET
    etag = excluded.etag, last_modified = excluded.last_modified
RETURNING id
