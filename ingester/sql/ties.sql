-- What ties these articles to each other: stored story scores, and the decisions in force in the order in
-- which they were made.
SELECT a_id, b_id, kind, story_score, NULL AS number FROM relation
WHERE a_id = ANY(CAST(:ids AS bigint[])) AND b_id = ANY(CAST(:ids AS bigint[])) AND story_score > 0
UNION ALL
SELECT a_id, b_id, kind, NULL, id FROM decision
WHERE a_id = ANY(CAST(:ids AS bigint[])) AND b_id = ANY(CAST(:ids AS bigint[])) AND withdrawn_at IS NULL
ORDER BY number
