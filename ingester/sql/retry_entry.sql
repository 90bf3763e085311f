-- An entry that may succeed later: the lease ends, the next try comes after a wait.
UPDATE entry SET
    step = :step, reason = :reason, last_error = :last_error,
    next_at = now() + make_interval(secs => :wait_s),
    attempts = greatest(attempts - CAST(:released AS integer), 0),
    crashes = crashes + CAST(CAST(:reason AS text) = 'crashed' AS integer),
    claimed_until = NULL, changed_at = now()
WHERE id = :id
