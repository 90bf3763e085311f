-- What befell a story.
INSERT INTO story_history (story_id, kind, article_id, other_id, reason)
VALUES (:story_id, :kind, :article_id, :other_id, :reason)
