-- All decisions in force, the latest first.
SELECT kind, a_id, a_url, b_id, b_url, a_story_id = b_story_id AS one_story, at, reason
FROM story_decision
WHERE withdrawn_at IS NULL
ORDER BY decision_id DESC
