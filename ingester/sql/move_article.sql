-- An article that now belongs to another story.
UPDATE article SET story_id = :story_id WHERE id = :id
