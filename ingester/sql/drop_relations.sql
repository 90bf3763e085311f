-- A revised article's former relations; gives whom they led to.
DELETE FROM relation WHERE a_id = :article_id OR b_id = :article_id
RETURNING CASE WHEN a_id = :article_id THEN b_id ELSE a_id END AS other_id, story_score
