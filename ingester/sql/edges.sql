-- The stored story scores among these articles.
SELECT a_id, b_id, story_score FROM relation
WHERE a_id = ANY(CAST(:ids AS bigint[])) AND b_id = ANY(CAST(:ids AS bigint[])) AND story_score > 0
