-- A line of an outlet that a person says is text, or all of the outlet's; what was cut of them is read again.
WITH spared AS (
    UPDATE outlet_line l SET spared = true
    FROM outlet o
    WHERE o.id = l.outlet_id AND o.host = :host AND cardinality(l.stories) > 2 AND NOT l.spared
        AND (CAST(:hash AS bigint) IS NULL OR l.hash = :hash)
    RETURNING l.outlet_id, l.text
), again AS (
    INSERT INTO reread (article_id)
    SELECT DISTINCT a.id
    FROM article a
    JOIN cut c ON c.article_id = a.id AND c.revision = a.revision AND c.kind IN ('learned', 'learned_passage')
    WHERE a.outlet_id IN (SELECT outlet_id FROM spared)
    ON CONFLICT (article_id) DO UPDATE SET next_at = now(), tries = 0
)
SELECT text FROM spared ORDER BY text
