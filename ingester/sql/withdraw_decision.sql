-- The decision in force on two articles is so no longer; gives which it was.
UPDATE decision SET withdrawn_at = clock_timestamp() WHERE a_id = :a AND b_id = :b AND withdrawn_at IS NULL
RETURNING kind, reason, at
