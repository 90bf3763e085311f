-- What was learned of these hosts' outlets, and is still fresh.
SELECT o.host, array_agg(l.hash) AS hashes
FROM outlet o
JOIN outlet_line l ON l.outlet_id = o.id
WHERE o.host = ANY(CAST(:hosts AS text[])) AND cardinality(l.stories) > 2 AND NOT l.spared
    AND l.last_seen >= CAST(now() AS date) - CAST(:days AS integer)
GROUP BY o.host
