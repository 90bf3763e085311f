-- Nothing says that a URL has one article.
ALTER TABLE article DROP CONSTRAINT article_entry_id_key, DROP CONSTRAINT article_url_sha256_key;
