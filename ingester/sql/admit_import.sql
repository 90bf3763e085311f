-- The entry of an imported page, made or found, and locked.
INSERT INTO entry (url, url_sha256, host, origin, outlet, title,
                   published_at, published_precision, published_zoned, published_raw)
VALUES (:url, :url_sha256, :host, 'import', :outlet, :title,
        :published_at, :published_precision, :published_zoned, :published_raw)
ON CONFLICT (url_sha256) DO UPDATE SET url = entry.url
RETURNING id, state, origin, host, url, first_seen_at, true AS leased
