-- An article that is to be read again, leased; with its entry as it was first told, and its page.
WITH due AS (
    SELECT article_id FROM reread WHERE next_at <= now()
    ORDER BY next_at, article_id
    FOR UPDATE SKIP LOCKED LIMIT 1
), leased AS (
    UPDATE reread SET next_at = now() + make_interval(secs => :lease_s)
    FROM due WHERE reread.article_id = due.article_id
    RETURNING reread.article_id
)
SELECT a.id AS article_id, e.url, e.title, e.outlet,
       e.published_at, e.published_precision, e.published_zoned, e.published_raw,
       CASE e.origin WHEN 'feed' THEN 'feed' ELSE 'archive' END AS published_source,
       p.url AS page_url, p.media_type, p.charset, p.fetched_at, p.body
FROM leased l
JOIN article a ON a.id = l.article_id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN page p ON p.id = r.page_id AND p.body IS NOT NULL
JOIN entry e ON e.id = a.entry_id
