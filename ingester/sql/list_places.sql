-- Where every article stands: its story, its event, and the story's canonical article.
SELECT a.url, a.story_id, s.event_id, c.url AS canonical_url
FROM article a
JOIN story s ON s.id = a.story_id
JOIN article c ON c.id = s.canonical_article_id
