-- What was given up, the last first; and of the page that it was given up on, what is kept.
SELECT e.id, e.url, e.step, e.reason, e.last_error, e.attempts, e.changed_at AS since,
       p.fetched_at, p.body_bytes
FROM entry e
LEFT JOIN LATERAL (
    SELECT p.fetched_at, p.body_bytes FROM page p
    WHERE p.entry_id = e.id AND p.body IS NOT NULL
    ORDER BY p.fetched_at DESC, p.id DESC LIMIT 1
) p ON true
WHERE e.state = 'quarantined'
ORDER BY e.changed_at DESC, e.id
