-- A visit that was not made, or failed and may succeed later: back to the queue.
UPDATE entry SET
    visits = :number - 1,
    next_at = now() + make_interval(secs => :wait_s),
    attempts = CASE WHEN :released THEN attempts - 1 ELSE attempts END,
    claimed_until = NULL
WHERE id = :id AND claim_token = :token AND claimed_until IS NOT NULL
