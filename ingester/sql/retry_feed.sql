-- A poll that failed: the lease ends, the next poll comes after a wait.
UPDATE feed SET
    next_at = now() + make_interval(secs => :wait_s),
    claimed_until = NULL,
    errors = :errors,
    crashes = 0,
    failing_since = coalesce(failing_since, now()),
    state = :state,
    last_error = :last_error
WHERE id = :id
