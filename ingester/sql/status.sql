-- The archive in numbers.
SELECT (SELECT count(*) FROM feed WHERE state <> 'gone') AS feeds,
       (SELECT count(*) FROM feed WHERE state <> 'gone' AND last_error IS NOT NULL) AS failing_feeds,
       (SELECT count(*) FROM feed WHERE state <> 'gone' AND next_at <= now()) AS due_feeds,
       (SELECT count(*) FROM entry) AS urls,
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
