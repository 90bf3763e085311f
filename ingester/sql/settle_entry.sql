-- What became of an entry; its lease ends.
UPDATE entry SET
    state = :state, step = :step, reason = :reason, last_error = :last_error, article_id = :article_id,
    attempts = CASE WHEN CAST(:article_id AS bigint) IS NULL THEN attempts ELSE 0 END,
    crashes = CASE WHEN CAST(:reason AS text) = 'crashed' THEN crashes ELSE 0 END,
    claimed_until = NULL, changed_at = now()
WHERE id = :id
