-- A poll that was answered: the lease ends, the next poll is one interval away. Gives whether the feed
-- has moved for good: redirected to one place by enough polls over enough days.
UPDATE feed SET
    state = 'active', errors = 0, crashes = 0, failing_since = NULL, last_error = NULL,
    parsed_at = now(),
    interval_s = :interval_s,
    next_at = now() + make_interval(secs => :wait_s),
    claimed_until = NULL,
    unread = :unread,
    -- new entries under the old marks, and not from a page that was left unread: the marks lie
    trusted = trusted AND NOT (:new > 0 AND unread = '{}' AND coalesce(etag, last_modified) IS NOT NULL
        AND etag IS NOT DISTINCT FROM CAST(:etag AS text)
        AND last_modified IS NOT DISTINCT FROM CAST(:last_modified AS text))
        -- nor those of a server that said "not modified" to each question, while the whole feed, asked for
        -- at last, has several new entries, one from longer than an interval before its last such answer
        AND NOT (:new > 1 AND unread = '{}' AND not_modified >= :whole_every AND EXISTS (
            SELECT FROM feed_entry l JOIN entry e ON e.id = l.entry_id
            WHERE l.feed_id = :id AND l.first_seen_at = now() AND e.first_seen_at = now()
                AND e.published_precision <> 'day'
                AND e.published_at < parsed_at - make_interval(secs => feed.interval_s))),
    not_modified = CASE WHEN :not_modified THEN not_modified + 1 ELSE 0 END,
    etag = coalesce(:etag, CASE WHEN :not_modified THEN etag END),
    last_modified = coalesce(:last_modified, CASE WHEN :not_modified THEN last_modified END),
    body_sha256 = coalesce(:body_sha256, body_sha256),
    title = coalesce(:title, title),
    moved_to = CAST(:moved_to AS text),
    moved_since = CASE WHEN CAST(:moved_to AS text) = moved_to THEN moved_since
                       WHEN CAST(:moved_to AS text) IS NOT NULL THEN now() END,
    moved_polls = CASE WHEN CAST(:moved_to AS text) = moved_to THEN moved_polls + 1
                       WHEN CAST(:moved_to AS text) IS NOT NULL THEN 1 ELSE 0 END
WHERE id = :id
RETURNING moved_polls >= :moved_polls AND moved_since <= now() - make_interval(secs => 86400 * :moved_days) AS moved
