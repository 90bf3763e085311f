-- The evidence that links two articles.
SELECT * FROM relation WHERE a_id = :a AND b_id = :b
