-- How many of the queued articles are to be read.
SELECT count(*) AS articles
FROM regroup.reading q JOIN article a ON a.id = q.article_id AND a.revision = q.revision
WHERE q.outcome IS NULL
