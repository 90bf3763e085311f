-- Articles that an arrival may be related to, the likeliest first: they share signature keys, two telling
-- terms, or the whole body. No key makes a look-up long: one that a whole bucket of articles bears is
-- stopped, and leads to the first three of them alone; of a term's articles the newest are looked at.
WITH wanted AS (
    SELECT k AS key, s.article_ids
    FROM unnest(CAST(:keys AS bigint[])) AS k
    LEFT JOIN stop_key s ON s.key = k AND s.day >= CAST(:since AS date)
), live AS (
    SELECT array_agg(key) AS keys FROM wanted WHERE article_ids IS NULL
), met AS MATERIALIZED (
    SELECT s.article_id, ARRAY(SELECT k FROM unnest(s.keys) AS k WHERE k = ANY(live.keys)) AS keys
    FROM live JOIN signature_key s ON s.keys && live.keys AND s.day >= CAST(:since AS date)
), stopped AS (
    INSERT INTO stop_key (key, day, article_ids)
    SELECT k, CAST(:day AS date), (array_agg(met.article_id ORDER BY met.article_id))[1 : 3]
    FROM met CROSS JOIN unnest(met.keys) AS k
    WHERE (SELECT count(*) FROM met) >= :bucket
    GROUP BY k HAVING count(*) >= :bucket
    ON CONFLICT (key) DO UPDATE SET day = greatest(stop_key.day, excluded.day), article_ids = excluded.article_ids
), term_hit AS (
    SELECT k.article_id, count(*) AS hits
    FROM unnest(CAST(:term_keys AS integer[])) AS wanted(key)
    CROSS JOIN LATERAL (
        SELECT t.article_id FROM term_key t
        WHERE t.key = wanted.key AND t.day >= CAST(:since AS date)
        ORDER BY t.day DESC LIMIT :term_bucket
    ) k
    GROUP BY k.article_id
    HAVING count(*) >= 2
    ORDER BY hits DESC, k.article_id LIMIT :candidates
), body_hit AS (
    SELECT r.article_id FROM revision r JOIN article a ON a.id = r.article_id AND a.revision = r.number
    WHERE r.body_sha256 = :body_sha256
    ORDER BY r.article_id LIMIT :candidates
), hit AS (
    SELECT article_id, cardinality(keys) * 1000 AS weight FROM met
    UNION ALL SELECT unnest(article_ids), 1000 FROM wanted
    UNION ALL SELECT article_id, hits FROM term_hit
    UNION ALL SELECT article_id, 1000000 FROM body_hit
)
SELECT a.id, r.body_sha256, coalesce(r.signed_text, r.text) AS signed_text
FROM (
    SELECT article_id, sum(weight) AS weight FROM hit
    WHERE article_id <> :self
    GROUP BY article_id
    ORDER BY weight DESC, article_id
    LIMIT :component
) best
JOIN article a ON a.id = best.article_id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
