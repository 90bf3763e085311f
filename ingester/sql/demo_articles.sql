-- Each article, with what was read from its page.
SELECT c.article_id, c.url, c.outlet, c.title, c.published_at, c.lag, c.relation, c.score, length(r.text) AS characters,
       r.agency, r.published_precision,
       (SELECT count(*) FROM cut x WHERE x.article_id = c.article_id AND x.revision = r.number AND NOT x.soft) AS cut
FROM story_copy c
JOIN article a ON a.id = c.article_id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
ORDER BY c.url
