-- The splits in force that stand between two stories.
SELECT a_id, b_id, reason FROM story_decision
WHERE kind = 'split' AND withdrawn_at IS NULL
    AND ((a_story_id = :one AND b_story_id = :other) OR (a_story_id = :other AND b_story_id = :one))
ORDER BY decision_id
