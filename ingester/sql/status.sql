-- The archive in numbers.
SELECT (SELECT count(*) FROM feed WHERE state <> 'gone') AS feeds,
       (SELECT count(*) FROM feed WHERE state <> 'gone' AND last_error IS NOT NULL) AS failing_feeds,
       (SELECT count(*) FROM feed WHERE state <> 'gone' AND next_at <= now()) AS due_feeds,
       e.urls, e.pending_urls, e.skipped_urls, e.quarantined_urls,
       (SELECT count(*) FROM entry WHERE claimed_until < now() - interval '1 minute') AS stuck_urls,
       (SELECT count(*) FROM entry
        WHERE state = 'pending' AND origin = 'feed' AND next_at <= now()) AS due_urls,
       (SELECT count(*) FROM article) AS articles,
       (SELECT count(*) FROM story) AS stories,
       (SELECT count(*) FROM event) AS events,
       (SELECT count(*) FROM outlet) AS outlets,
       (SELECT extract(epoch FROM now() - min(next_at)) FROM feed
        WHERE state <> 'gone' AND next_at <= now()) AS oldest_due_feed_s,
       (SELECT extract(epoch FROM now() - min(next_at)) FROM entry
        WHERE state = 'pending' AND origin = 'feed' AND next_at <= now()) AS oldest_due_s,
       pg_database_size(current_database()) AS database_bytes
FROM (
    SELECT count(*) AS urls,
           count(*) FILTER (WHERE state = 'pending') AS pending_urls,
           count(*) FILTER (WHERE state = 'skipped') AS skipped_urls,
           count(*) FILTER (WHERE state = 'quarantined') AS quarantined_urls
    FROM entry
) e
