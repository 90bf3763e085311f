-- A visit that was not made: back to the queue.
UPDATE entry SET
    claimed_until = NULL, visits = :number - 1, next_at = now() + make_interval(secs => :wait_s)
WHERE id = :id AND claim_token = :token
