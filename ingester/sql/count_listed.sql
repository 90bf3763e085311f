-- How many of these links a feed listed before.
SELECT count(*) AS listed FROM entry e JOIN feed_entry f ON f.entry_id = e.id
WHERE e.url_sha256 = ANY(:urls) AND f.feed_id = :feed_id
