-- The stored story scores of pairs of these articles: three columns of one length.
SELECT coalesce(array_agg(a_id), '{}') AS a, coalesce(array_agg(b_id), '{}') AS b,
       coalesce(array_agg(story_score), '{}') AS score
FROM relation
WHERE a_id = ANY(CAST(:ids AS bigint[])) AND b_id = ANY(CAST(:ids AS bigint[])) AND story_score > 0
