-- All feeds, with the outcome of their last poll.
SELECT f.id, f.url, f.title, coalesce(o.name, o.host) AS outlet, o.name AS outlet_name, f.state, f.interval_s,
       f.next_at, f.errors, f.crashes, f.failing_since, f.last_error, f.parsed_at, f.moved_to, f.trusted,
       p.at AS polled_at, p.outcome, p.items, p.new_entries
FROM feed f
JOIN outlet o ON o.id = f.outlet_id
LEFT JOIN LATERAL (SELECT * FROM feed_poll p WHERE p.feed_id = f.id ORDER BY p.at DESC LIMIT 1) p ON true
ORDER BY outlet, f.url
