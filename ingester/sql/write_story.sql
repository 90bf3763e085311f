-- A story as it now is.
INSERT INTO story (id, event_id, canonical_article_id, canonical_reason)
VALUES (:id, :event_id, :canonical, :reason)
ON CONFLICT (id) DO UPDATE SET
    event_id = excluded.event_id,
    canonical_article_id = excluded.canonical_article_id,
    canonical_reason = excluded.canonical_reason
