-- The relations of these articles, the strongest first.
SELECT x.one, x.other
FROM (
    SELECT a_id AS one, b_id AS other, story_score, event_score FROM relation
    WHERE a_id = ANY(CAST(:ids AS bigint[]))
    UNION ALL
    SELECT b_id, a_id, story_score, event_score FROM relation
    WHERE b_id = ANY(CAST(:ids AS bigint[]))
) x
ORDER BY x.story_score, x.event_score, x.one, x.other
