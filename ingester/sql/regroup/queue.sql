-- Every article that the shadow does not hold as it now is, queued to be read.
INSERT INTO regroup.reading (article_id, revision, day)
SELECT a.id, a.revision, g.day
FROM article a
JOIN signature g ON g.article_id = a.id
WHERE NOT EXISTS (SELECT FROM regroup.reading q WHERE q.article_id = a.id AND q.revision = a.revision)
ON CONFLICT (article_id) DO UPDATE SET revision = excluded.revision, day = excluded.day, outcome = NULL
