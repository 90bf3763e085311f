-- The pairs on which a person decided, and those on which a decision was withdrawn since the regroup began.
SELECT DISTINCT d.a_id, d.b_id
FROM decision d, regroup.begun b
WHERE d.withdrawn_at IS NULL OR d.withdrawn_at > b.at
ORDER BY d.a_id, d.b_id
