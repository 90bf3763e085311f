-- A story whose articles all went elsewhere: its id leads there.
WITH gone AS (
    DELETE FROM story WHERE id = :old_id
), moved AS (
    UPDATE story_redirect SET story_id = :new_id WHERE story_id = :old_id
)
INSERT INTO story_redirect (old_id, story_id) VALUES (:old_id, :new_id)
