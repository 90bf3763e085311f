-- What one poll gave.
INSERT INTO feed_poll (feed_id, outcome, reason, detail, items, new_entries, dropped)
VALUES (:feed_id, :outcome, :reason, :detail, :items, :new_entries, CAST(:dropped AS jsonb))
