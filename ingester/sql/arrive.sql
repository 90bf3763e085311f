-- An article arrives: its outlet is known from now on, and the key partitions of its week are in place. Gives
-- the article of its entry, else the one at its URL, with its present revision; where there is none, an id
-- for one; the day on which it first arrived, which a revision doesn't change; and whether anybody said
-- its text before.
WITH known AS (
    SELECT a.id, a.url, a.entry_id, a.revision, a.first_seen_at, a.story_id, s.event_id,
           r.body_sha256, r.title, r.text, r.authors, r.published_at, r.agency, r.canonical_url,
           g.day AS arrived
    FROM article a
    JOIN revision r ON r.article_id = a.id AND r.number = a.revision
    JOIN story s ON s.id = a.story_id
    JOIN signature g ON g.article_id = a.id
    WHERE a.url_sha256 = :url_sha256 OR a.entry_id = :entry_id
    ORDER BY a.entry_id = :entry_id DESC
    LIMIT 1
), seen AS (
    INSERT INTO outlet (host, name) VALUES (:host, :outlet)
    ON CONFLICT (host) DO UPDATE SET name = coalesce(outlet.name, excluded.name)
    RETURNING id
)
SELECT known.*,
       CASE WHEN known.id IS NULL THEN nextval(pg_get_serial_sequence('article', 'id')) END AS new_id,
       EXISTS (SELECT FROM revision r WHERE r.body_sha256 = :body_sha256)
       OR EXISTS (SELECT FROM repeated_text t WHERE t.outlet_id = seen.id AND t.body_sha256 = :body_sha256) AS said_before,
       seen.id AS outlet_id, day, ensure_key_week(day)
FROM seen
LEFT JOIN known ON true
CROSS JOIN LATERAL (SELECT coalesce(known.arrived, CAST(now() AS date)) AS day) first
