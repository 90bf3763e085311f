-- Hosts that gave no page of theirs in the last week, why, and how many were asked for.
SELECT host, mode() WITHIN GROUP (ORDER BY coalesce(reason, split_part(last_error, ':', 1))) AS reason,
       count(*) AS urls, max(changed_at) AS last_at
FROM entry
WHERE origin = 'feed' AND step = 'fetch' AND changed_at > now() - interval '7 days' AND last_error IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM entry e
        WHERE e.host = entry.host AND e.state IN ('stored', 'duplicate') AND e.changed_at > now() - interval '7 days'
    )
GROUP BY host
ORDER BY urls DESC, host
LIMIT 20
