-- Articles that an arrival may be related to: they share a signature key, two telling terms, or the
-- whole body. A key's bucket is capped at its oldest articles, so that no key makes a look-up long.
WITH signature_hit AS (
    SELECT k.article_id, count(*) AS hits
    FROM unnest(CAST(:keys AS bigint[])) AS wanted(key)
    CROSS JOIN LATERAL (
        SELECT s.article_id FROM signature_key s
        WHERE s.key = wanted.key AND s.day >= CAST(:since AS date)
        ORDER BY s.article_id LIMIT :bucket
    ) k
    GROUP BY k.article_id
), term_hit AS (
    SELECT k.article_id, count(*) AS hits
    FROM unnest(CAST(:term_keys AS bigint[])) AS wanted(key)
    CROSS JOIN LATERAL (
        SELECT t.article_id FROM term_key t
        WHERE t.key = wanted.key AND t.day >= CAST(:since AS date)
        ORDER BY t.article_id LIMIT :bucket
    ) k
    GROUP BY k.article_id
    HAVING count(*) >= 2
), body_hit AS (
    SELECT r.article_id FROM revision r JOIN article a ON a.id = r.article_id AND a.revision = r.number
    WHERE r.body_sha256 = :body_sha256
    ORDER BY r.article_id LIMIT :bucket
), hit AS (
    SELECT article_id, hits * 1000 AS weight FROM signature_hit
    UNION ALL SELECT article_id, hits FROM term_hit
    UNION ALL SELECT article_id, 1000000 FROM body_hit
)
SELECT a.id, r.body_sha256, coalesce(r.signed_text, r.text) AS signed_text
FROM (
    SELECT article_id, sum(weight) AS weight FROM hit
    WHERE article_id <> :self
    GROUP BY article_id
    ORDER BY weight DESC, article_id
    LIMIT :bucket
) best
JOIN article a ON a.id = best.article_id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
