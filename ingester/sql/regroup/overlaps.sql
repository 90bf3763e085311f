-- How many articles each story shares with each of the shadow's, and each event, where either shares some
-- with more than one.
WITH place AS (
    SELECT 'story' AS what, a.story_id AS old, n.story_id AS new
    FROM regroup.article n JOIN article a ON a.id = n.id
    UNION ALL
    SELECT 'event', s.event_id, ns.event_id
    FROM regroup.article n
    JOIN regroup.story ns ON ns.id = n.story_id
    JOIN article a ON a.id = n.id
    JOIN story s ON s.id = a.story_id
), overlap AS (
    SELECT what, old, new, count(*) AS articles,
           count(*) OVER (PARTITION BY what, old) AS of_old, count(*) OVER (PARTITION BY what, new) AS of_new
    FROM place GROUP BY what, old, new
)
SELECT what, old, new, articles FROM overlap WHERE of_old > 1 OR of_new > 1
