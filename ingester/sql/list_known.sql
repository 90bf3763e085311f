-- Which of these links are known; the feed is one more that lists them. One that was only ever imported, and
-- gave no article, is the feed's from now on, to be fetched: `taken_over`.
WITH taken AS (
    UPDATE entry SET origin = 'feed', state = 'pending', attempts = 0, crashes = 0,
        next_at = now(), changed_at = now()
    WHERE id IN (
        SELECT id FROM entry
        WHERE url_sha256 = ANY(:urls) AND origin = 'import' AND article_id IS NULL
        ORDER BY id FOR UPDATE
    )
    RETURNING id
), known AS (
    SELECT id, url_sha256 FROM entry WHERE url_sha256 = ANY(:urls)
), listed AS (
    INSERT INTO feed_entry (feed_id, entry_id) SELECT :feed_id, id FROM known ORDER BY id
    ON CONFLICT DO NOTHING
)
SELECT url_sha256, id IN (SELECT id FROM taken) AS taken_over FROM known
