-- A poll that was answered: the lease ends, the next poll is one interval away.
UPDATE feed SET
    next_at = now() + make_interval(secs => :interval_s),
    interval_s = :interval_s,
    claimed_until = NULL,
    attempts = 0,
    last_error = NULL,
    etag = coalesce(:etag, CASE WHEN :unchanged THEN etag END),
    last_modified = coalesce(:last_modified, CASE WHEN :unchanged THEN last_modified END),
    body_sha256 = coalesce(:body_sha256, body_sha256),
    title = coalesce(:title, title)
WHERE id = :id
