-- Everybody whose story or event an arrival may change: the candidates, those that story edges join to
-- them, and the whole of their stories and events.
WITH RECURSIVE joined(id) AS (
    SELECT unnest(CAST(:ids AS bigint[]))
    UNION
    SELECT other.id
    FROM joined j
    CROSS JOIN LATERAL (
        SELECT x.b_id AS id FROM relation x WHERE x.a_id = j.id AND x.story_score >= :join
        UNION ALL
        SELECT x.a_id FROM relation x WHERE x.b_id = j.id AND x.story_score >= :join
    ) other
), touched AS (
    SELECT DISTINCT s.event_id FROM joined j JOIN article a ON a.id = j.id JOIN story s ON s.id = a.story_id
)
SELECT a.id, a.url_sha256 AS rank, a.url, o.host AS outlet, r.language, r.published_at, r.published_precision,
       r.published_zoned, r.published_source, r.published_raw, a.first_seen_at,
       r.canonical_url, r.agency, g.tokens, g.terms, g.weights, a.story_id, s.event_id, s.canonical_article_id
FROM touched t
JOIN story s ON s.event_id = t.event_id
JOIN article a ON a.story_id = s.id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN signature g ON g.article_id = a.id
JOIN outlet o ON o.id = a.outlet_id
ORDER BY a.id
