-- Articles that now belong to another story.
UPDATE article SET story_id = :story_id WHERE id = ANY(CAST(:ids AS bigint[]))
