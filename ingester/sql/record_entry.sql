-- A link seen in a feed: a new entry, or one more feed that lists a known one. Gives whether it is new.
WITH seen AS (
    INSERT INTO entry (url, url_sha256, host, origin, outlet, title, guid,
                       published_at, published_precision, published_zoned, published_raw)
    VALUES (:url, :url_sha256, :host, 'feed', :outlet, :title, :guid,
            :published_at, :published_precision, :published_zoned, :published_raw)
    ON CONFLICT (url_sha256) DO UPDATE SET url = entry.url
    RETURNING id, xmax = 0 AS added
), listed AS (
    INSERT INTO feed_entry (feed_id, entry_id) SELECT :feed_id, id FROM seen
    ON CONFLICT DO NOTHING
)
SELECT added FROM seen
