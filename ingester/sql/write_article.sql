-- An article at its URL, with the number of its present revision.
INSERT INTO article (id, entry_id, url, url_sha256, outlet_id, story_id, revision, first_seen_at)
VALUES (:id, :entry_id, :url, :url_sha256, :outlet_id, :story_id, :revision, :first_seen_at)
ON CONFLICT (id) DO UPDATE SET story_id = excluded.story_id, revision = excluded.revision
