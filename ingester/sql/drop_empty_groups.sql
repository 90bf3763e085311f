-- Of these stories and their events those that have no article any more.
WITH gone AS (
    DELETE FROM story s
    WHERE s.id = ANY(CAST(:stories AS bigint[])) AND NOT EXISTS (SELECT FROM article a WHERE a.story_id = s.id)
    RETURNING s.id
)
DELETE FROM event e
WHERE e.id = ANY(CAST(:events AS bigint[]))
    AND NOT EXISTS (SELECT FROM story s WHERE s.event_id = e.id AND s.id NOT IN (SELECT id FROM gone))
