-- The decisions in force on pairs of these articles, in the order in which they were made.
SELECT a_id, b_id, kind FROM decision
WHERE a_id = ANY(CAST(:ids AS bigint[])) AND b_id = ANY(CAST(:ids AS bigint[])) AND withdrawn_at IS NULL
ORDER BY id
