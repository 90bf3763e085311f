-- An article that was read again, unless something was learned since.
DELETE FROM reread WHERE article_id = :article_id AND next_at = :until
