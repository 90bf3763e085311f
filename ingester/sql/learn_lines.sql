-- An article's watched lines, counted by the stories that they stand in. Where one is boilerplate by now,
-- the outlet's articles of those stories are to be read again: they still hold it.
WITH seen AS (
    INSERT INTO outlet_line AS l (outlet_id, hash, text, stories, last_seen)
    SELECT DISTINCT ON (w.hash) :outlet_id, w.hash, w.text, ARRAY[CAST(:story_id AS bigint)], CAST(now() AS date)
    FROM unnest(CAST(:hashes AS bigint[]), CAST(:texts AS text[])) AS w(hash, text)
    ORDER BY w.hash
    ON CONFLICT (outlet_id, hash) DO UPDATE SET
        stories = CASE WHEN cardinality(l.stories) > 2 THEN l.stories ELSE ARRAY(
            SELECT DISTINCT coalesce(merged.story_id, s.id)  -- stories that were merged since are one
            FROM unnest(l.stories || excluded.stories) AS s(id)
            LEFT JOIN story_redirect merged ON merged.old_id = s.id
        ) END,
        last_seen = excluded.last_seen
    RETURNING stories, spared
), still AS (
    UPDATE outlet_line SET last_seen = CAST(now() AS date)
    WHERE outlet_id = :outlet_id AND hash = ANY(CAST(:cut AS bigint[])) AND last_seen < CAST(now() AS date)
)
INSERT INTO reread (article_id)
SELECT DISTINCT a.id
FROM seen CROSS JOIN unnest(seen.stories || CAST(:story_id AS bigint)) AS s(id)
LEFT JOIN story_redirect merged ON merged.old_id = s.id
JOIN article a ON a.story_id = coalesce(merged.story_id, s.id) AND a.outlet_id = :outlet_id
WHERE cardinality(seen.stories) > 2 AND NOT seen.spared
ON CONFLICT (article_id) DO UPDATE SET next_at = now(), tries = 0
