-- Bytes of pages that are older than they are kept, a batch of them; the rows stay, so that what was seen
-- is known. Gives how many.
WITH old AS (
    SELECT id FROM page
    WHERE body IS NOT NULL AND fetched_at < now() - make_interval(days => CAST(:days AS integer))
    ORDER BY fetched_at LIMIT 1000
), dropped AS (
    UPDATE page SET body = NULL FROM old WHERE page.id = old.id RETURNING page.id
)
SELECT count(*) AS pages FROM dropped
