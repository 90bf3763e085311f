-- An article that was read again.
DELETE FROM reread WHERE article_id = :article_id
