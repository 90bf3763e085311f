-- What tells whether the archive is well: its server, its clock, what is overdue or stuck.
SELECT current_setting('server_version') AS server_version,
       clock_timestamp() AS server_clock,
       (SELECT count(*) FROM feed WHERE state <> 'gone') AS feeds,
       (SELECT count(*) FROM feed WHERE state <> 'gone' AND next_at < now() - interval '10 minutes'
            AND (claimed_until IS NULL OR claimed_until < now())) AS overdue_feeds,
       (SELECT max(at) FROM feed_poll) AS polled_at,
       (SELECT count(*) FROM entry WHERE claimed_until < now() - interval '1 minute')
           + (SELECT count(*) FROM feed
              WHERE claimed_until < now() - interval '1 minute' AND next_at < now() - interval '1 minute') AS stuck,
       (SELECT count(*) FROM entry WHERE state = 'quarantined') AS quarantined,
       pg_total_relation_size('page') AS page_bytes,
       pg_database_size(current_database()) AS database_bytes,
       EXISTS (SELECT FROM article) AS has_articles
