-- An event whose stories all went elsewhere: its id leads there.
WITH gone AS (
    DELETE FROM event WHERE id = :old_id
), moved AS (
    UPDATE event_redirect SET event_id = :new_id WHERE event_id = :old_id
)
INSERT INTO event_redirect (old_id, event_id) VALUES (:old_id, :new_id)
