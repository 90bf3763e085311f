-- Everybody whose story or event an arrival may change: the candidates, those that story edges and
-- decisions join to them, and their stories and events. Of what is too large to be grouped anew the newest part is read.
WITH RECURSIVE joined(id) AS (
    SELECT unnest(CAST(:ids AS bigint[]))
    UNION
    SELECT other.id
    FROM joined j
    CROSS JOIN LATERAL (
        SELECT x.b_id AS id FROM relation x WHERE x.a_id = j.id AND x.story_score >= :join
        UNION ALL
        SELECT x.a_id FROM relation x WHERE x.b_id = j.id AND x.story_score >= :join
        UNION ALL
        SELECT d.b_id FROM decision d WHERE d.a_id = j.id AND d.kind = 'join' AND d.withdrawn_at IS NULL
        UNION ALL
        SELECT d.a_id FROM decision d WHERE d.b_id = j.id AND d.kind = 'join' AND d.withdrawn_at IS NULL
    ) other
), reached AS (
    SELECT id FROM joined LIMIT :component + 1
), own AS (
    SELECT DISTINCT a.story_id FROM reached j JOIN article a ON a.id = j.id
), touched AS (
    SELECT DISTINCT s.event_id FROM own JOIN story s ON s.id = own.story_id
), near AS (
    SELECT story_id FROM own
    UNION
    SELECT n.id FROM touched t
    CROSS JOIN LATERAL (
        SELECT s.id FROM story s WHERE s.event_id = t.event_id ORDER BY s.id DESC LIMIT :event_stories
    ) n
), member(id) AS (
    SELECT unnest(CAST(:ids AS bigint[]))
    UNION
    SELECT newest.id FROM near n
    CROSS JOIN LATERAL (
        SELECT c.id FROM article c WHERE c.story_id = n.story_id ORDER BY c.id DESC LIMIT :component
    ) newest
    UNION
    SELECT s.canonical_article_id FROM near n JOIN story s ON s.id = n.story_id
)
SELECT a.id, a.url_sha256 AS rank, a.url, o.host AS outlet, r.language, r.published_at, r.published_precision,
       r.published_zoned, r.published_source, r.published_raw, a.first_seen_at,
       r.canonical_url, r.agency, g.tokens, g.terms, g.weights, a.story_id, s.event_id, s.canonical_article_id
FROM member m
JOIN article a ON a.id = m.id
JOIN story s ON s.id = a.story_id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN signature g ON g.article_id = a.id
JOIN outlet o ON o.id = a.outlet_id
ORDER BY a.id
