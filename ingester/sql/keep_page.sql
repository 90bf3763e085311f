-- The page's bytes, kept once; fetched anew after they were dropped (retention.pages_days), they are kept again.
INSERT INTO page (entry_id, url, media_type, charset, fetched_at, etag, last_modified, body, body_bytes, body_sha256)
VALUES (:entry_id, :url, :media_type, :charset, :fetched_at, :etag, :last_modified, :body, :body_bytes, :body_sha256)
ON CONFLICT (entry_id, body_sha256) DO UPDATE SET
    etag = coalesce(excluded.etag, page.etag), last_modified = coalesce(excluded.last_modified, page.last_modified),
    body = coalesce(page.body, excluded.body),
    fetched_at = CASE WHEN page.body IS NULL THEN excluded.fetched_at ELSE page.fetched_at END
RETURNING id
