-- An article that is to be read again, leased; with its entry as it was first told, and its page. Each try
-- holds it for twice as long as the one before, so that a page that is never read to its end costs little.
WITH due AS (
    SELECT again.article_id, p.id AS page_id
    FROM reread again
    JOIN article a ON a.id = again.article_id
    JOIN revision r ON r.article_id = a.id AND r.number = a.revision
    JOIN page p ON p.id = r.page_id AND p.body IS NOT NULL
    WHERE again.next_at <= now()
    ORDER BY again.next_at, again.article_id
    FOR UPDATE OF again SKIP LOCKED LIMIT 1
), leased AS (
    UPDATE reread SET
        next_at = now() + make_interval(secs => :lease_s * 2 ^ least(tries, 10)),
        tries = tries + 1
    FROM due WHERE reread.article_id = due.article_id
    RETURNING reread.article_id, reread.next_at, due.page_id
)
SELECT a.id AS article_id, l.page_id, l.next_at AS until, e.url, e.title, e.outlet,
       e.published_at, e.published_precision, e.published_zoned, e.published_raw,
       CASE e.origin WHEN 'feed' THEN 'feed' ELSE 'archive' END AS published_source,
       p.url AS page_url, p.media_type, p.charset, p.fetched_at, p.body
FROM leased l
JOIN page p ON p.id = l.page_id
JOIN article a ON a.id = l.article_id
JOIN entry e ON e.id = a.entry_id
