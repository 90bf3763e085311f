-- An article of the queue was read; gives the story and event that the shadow already had it in, or
-- nothing where it was settled before or is another by now.
UPDATE regroup.reading SET outcome = :outcome, detail = :detail
WHERE article_id = :article_id AND revision = :revision AND outcome IS NULL
RETURNING (SELECT s.id FROM regroup.article a JOIN regroup.story s ON s.id = a.story_id
           WHERE a.id = article_id) AS story_id,
          (SELECT s.event_id FROM regroup.article a JOIN regroup.story s ON s.id = a.story_id
           WHERE a.id = article_id) AS event_id
