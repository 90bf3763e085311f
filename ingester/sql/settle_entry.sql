-- What became of an entry; its lease ends.
UPDATE entry SET
    state = :state, step = :step, reason = :reason, last_error = :last_error, article_id = :article_id,
    claimed_until = NULL, changed_at = now()
WHERE id = :id
