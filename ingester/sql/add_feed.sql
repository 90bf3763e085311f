-- A feed, added once: an import merges. Gives its id and whether it is new.
INSERT INTO feed (url, url_sha256, host, outlet_id, title, interval_s, next_at)
VALUES (:url, :url_sha256, :host, :outlet_id, :title, :interval_s, now() + make_interval(secs => :delay_s))
ON CONFLICT (url_sha256) DO UPDATE SET
    title = coalesce(feed.title, excluded.title),
    -- one that was gone is tried again
    next_at = CASE WHEN feed.state = 'gone' THEN excluded.next_at ELSE feed.next_at END,
    state = 'active'
RETURNING id, xmax = 0 AS added
