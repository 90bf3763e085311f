-- Each event, and the articles that report it.
SELECT e.event_id, e.title, e.stories, e.outlets,
       (SELECT array_agg(c.article_id ORDER BY c.url)
        FROM story_copy c JOIN story s ON s.id = c.story_id WHERE s.event_id = e.event_id) AS articles
FROM event_overview e
ORDER BY e.stories DESC, e.event_id
