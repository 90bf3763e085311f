-- Each story, its canonical article and why it is that one, and the articles that carry it.
SELECT c.story_id, c.event_id, c.article_id AS canonical, s.canonical_reason, c.outlets, c.title,
       (SELECT array_agg(m.article_id ORDER BY m.url) FROM story_copy m WHERE m.story_id = c.story_id) AS articles
FROM canonical_story c JOIN story s ON s.id = c.story_id
ORDER BY c.url
