-- The entry of an article that is read again, locked, if the lease is this worker's still, nothing was
-- learned since, and the page that it read is the one that the article is made of.
SELECT e.id, e.state, e.origin, e.host, e.url, e.first_seen_at, true AS leased
FROM reread again
JOIN article a ON a.id = again.article_id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision AND r.page_id = :page_id
JOIN entry e ON e.id = a.entry_id
WHERE again.article_id = :article_id AND again.next_at = :until
FOR UPDATE OF e, again
