-- What became of an entry. Its lease ends, but that of a visit to an article that stays: who visits ends it.
UPDATE entry SET
    state = :state, step = :step, reason = :reason, last_error = :last_error, article_id = :article_id,
    attempts = CASE WHEN state = 'stored' OR CAST(:article_id AS bigint) IS NULL THEN attempts ELSE 0 END,
    crashes = CASE WHEN state = 'stored' THEN crashes WHEN CAST(:reason AS text) = 'crashed' THEN crashes + 1 ELSE 0 END,
    claimed_until = CASE WHEN state = 'stored' AND :state = 'stored' THEN claimed_until END, changed_at = now()
WHERE id = :id
