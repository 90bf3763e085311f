-- A poll that failed: the lease ends, the next poll comes after a wait.
UPDATE feed SET
    next_at = now() + make_interval(secs => :wait_s),
    claimed_until = NULL,
    attempts = CASE WHEN :released THEN attempts - 1 ELSE attempts END,
    state = CASE WHEN :gone THEN 'gone' ELSE state END,
    last_error = :last_error
WHERE id = :id
