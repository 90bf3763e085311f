-- Bytes of pages that are older than they are kept, a batch of them; the rows stay, so that what was seen
-- is known, and what is in quarantine keeps its bytes until somebody has looked. Gives how many.
WITH old AS (
    SELECT p.id FROM page p
    WHERE p.body IS NOT NULL AND p.fetched_at < now() - make_interval(days => CAST(:days AS integer))
        AND NOT EXISTS (SELECT FROM entry e WHERE e.id = p.entry_id AND e.state = 'quarantined')
    ORDER BY p.fetched_at LIMIT 1000
), dropped AS (
    UPDATE page SET body = NULL FROM old WHERE page.id = old.id RETURNING page.id
)
SELECT count(*) AS pages FROM dropped
