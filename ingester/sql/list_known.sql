-- Which of these links are known; the feed is one more that lists them.
WITH known AS (
    SELECT id, url_sha256 FROM entry WHERE url_sha256 = ANY(:urls)
), listed AS (
    INSERT INTO feed_entry (feed_id, entry_id) SELECT :feed_id, id FROM known ORDER BY id
    ON CONFLICT DO NOTHING
)
SELECT url_sha256 FROM known
