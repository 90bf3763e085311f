-- A feed, added once: an import merges. Gives its id and whether it is new.
INSERT INTO feed (url, url_sha256, host, outlet_id, title, interval_s, next_at)
VALUES (:url, :url_sha256, :host, :outlet_id, :title, :interval_s, now() + make_interval(secs => :delay_s))
ON CONFLICT (url_sha256) DO UPDATE SET
    title = coalesce(feed.title, excluded.title),
    -- one that was given up is tried again
    next_at = CASE WHEN feed.state = 'active' THEN feed.next_at ELSE excluded.next_at END,
    errors = CASE WHEN feed.state = 'active' THEN feed.errors ELSE 0 END,
    state = 'active'
RETURNING id, xmax = 0 AS added
