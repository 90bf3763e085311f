-- Articles that an arrival may be related to, the likeliest first: they share signature keys, two telling
-- terms, or the whole body. No key makes a look-up long: one that a whole bucket of articles bears is
-- stopped, and of a term's articles the newest are looked at.
WITH live AS (
    SELECT array_agg(k) AS keys FROM unnest(CAST(:keys AS bigint[])) AS k
    WHERE NOT EXISTS (SELECT FROM stop_key s WHERE s.key = k AND s.day >= CAST(:since AS date))
), met AS MATERIALIZED (
    SELECT s.article_id, ARRAY(SELECT k FROM unnest(s.keys) AS k WHERE k = ANY(live.keys)) AS keys
    FROM live JOIN signature_key s ON s.keys && live.keys AND s.day >= CAST(:since AS date)
), stopped AS (
    INSERT INTO stop_key (key, day)
    SELECT k, CAST(:today AS date) FROM met CROSS JOIN unnest(met.keys) AS k
    WHERE (SELECT count(*) FROM met) >= :bucket
    GROUP BY k HAVING count(*) >= :bucket
    ON CONFLICT (key) DO UPDATE SET day = excluded.day
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
), body_hit AS (
    SELECT r.article_id FROM revision r JOIN article a ON a.id = r.article_id AND a.revision = r.number
    WHERE r.body_sha256 = :body_sha256
    ORDER BY r.article_id LIMIT :candidates
), hit AS (
    SELECT article_id, cardinality(keys) * 1000 AS weight FROM met
    UNION ALL SELECT article_id, hits FROM term_hit
    UNION ALL SELECT article_id, 1000000 FROM body_hit
)
SELECT a.id, r.body_sha256, coalesce(r.signed_text, r.text) AS signed_text
FROM (
    SELECT article_id, sum(weight) AS weight FROM hit
    WHERE article_id <> :self
    GROUP BY article_id
    ORDER BY weight DESC, article_id
    LIMIT :candidates
) best
JOIN article a ON a.id = best.article_id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
