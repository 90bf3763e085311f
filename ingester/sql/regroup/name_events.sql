-- Each of the shadow's events named: as the event that it shares all with, else as was decided, else anew.
WITH overlap AS (
    SELECT s.event_id AS old, ns.event_id AS new,
           count(*) OVER (PARTITION BY s.event_id) AS of_old, count(*) OVER (PARTITION BY ns.event_id) AS of_new
    FROM regroup.article n
    JOIN regroup.story ns ON ns.id = n.story_id
    JOIN article a ON a.id = n.id
    JOIN story s ON s.id = a.story_id
    GROUP BY s.event_id, ns.event_id
), kept AS (
    SELECT new, old FROM overlap WHERE of_old = 1 AND of_new = 1
    UNION ALL
    SELECT * FROM unnest(CAST(:shadows AS bigint[]), CAST(:ids AS bigint[]))
)
INSERT INTO event_name (shadow_id, id, kept)
SELECT e.id, coalesce(k.old, nextval(pg_get_serial_sequence('event', 'id'))), k.old IS NOT NULL
FROM regroup.event e LEFT JOIN kept k ON k.new = e.id
