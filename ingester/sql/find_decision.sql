-- The decision in force on two articles.
SELECT kind, reason, at FROM decision WHERE a_id = :a AND b_id = :b AND withdrawn_at IS NULL
