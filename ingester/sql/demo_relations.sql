-- What links two articles, copies first.
SELECT a_id, b_id, kind, story_score, event_score, containment_a, containment_b, shared
FROM relation ORDER BY story_score DESC, event_score DESC, a_id, b_id
