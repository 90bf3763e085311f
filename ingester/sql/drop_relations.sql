-- A revised article's former relations.
DELETE FROM relation WHERE a_id = :article_id OR b_id = :article_id
