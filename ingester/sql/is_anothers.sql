-- Whether the article at a URL is another entry's.
SELECT EXISTS (SELECT FROM article WHERE url_sha256 = :url_sha256 AND entry_id <> :entry_id) AS others
