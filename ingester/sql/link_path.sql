-- The chain of relations that leads from one article to another, the fewest links first.
WITH RECURSIVE walk(id, path) AS (
    SELECT CAST(:a AS bigint), ARRAY[CAST(:a AS bigint)]
    UNION ALL
    SELECT other.id, w.path || other.id
    FROM walk w
    CROSS JOIN LATERAL (
        SELECT x.b_id AS id FROM relation x WHERE x.a_id = w.id
        UNION ALL
        SELECT x.a_id FROM relation x WHERE x.b_id = w.id
    ) other
    WHERE other.id <> ALL(w.path) AND cardinality(w.path) < 4
)
SELECT path FROM walk WHERE id = :b ORDER BY cardinality(path), path LIMIT 1
