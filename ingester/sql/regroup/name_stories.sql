-- Each of the shadow's stories named: as the story that it shares all with, else as was decided, else anew.
WITH overlap AS (
    SELECT a.story_id AS old, n.story_id AS new,
           count(*) OVER (PARTITION BY a.story_id) AS of_old, count(*) OVER (PARTITION BY n.story_id) AS of_new
    FROM regroup.article n JOIN article a ON a.id = n.id
    GROUP BY a.story_id, n.story_id
), kept AS (
    SELECT new, old FROM overlap WHERE of_old = 1 AND of_new = 1
    UNION ALL
    SELECT * FROM unnest(CAST(:shadows AS bigint[]), CAST(:ids AS bigint[]))
)
INSERT INTO story_name (shadow_id, id, kept)
SELECT s.id, coalesce(k.old, nextval(pg_get_serial_sequence('story', 'id'))), k.old IS NOT NULL
FROM regroup.story s LEFT JOIN kept k ON k.new = s.id
