-- A visit that was not made, or failed and may succeed later: back to the queue.
UPDATE entry SET
    next_at = now() + make_interval(secs => :wait_s),
    attempts = attempts - CAST(:released AS integer),
    crashes = crashes + CAST(:crashed AS integer),
    claimed_until = NULL
WHERE id = :id AND claim_token = :token AND claimed_until IS NOT NULL
