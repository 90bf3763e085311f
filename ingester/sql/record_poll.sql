-- What one poll gave.
INSERT INTO feed_poll (feed_id, outcome, reason, detail, items, new_entries, unread, dropped)
VALUES (:feed_id, :outcome, :reason, :detail, :items, :new_entries, :unread, CAST(:dropped AS jsonb))
