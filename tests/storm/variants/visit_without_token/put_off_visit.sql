-- Broken: whoever comes puts the visit off, be it another's.
UPDATE entry SET
    next_at = now() + make_interval(secs => :wait_s),
    attempts = attempts - CAST(:released AS integer),
    crashes = crashes + CAST(:crashed AS integer),
    claimed_until = NULL
WHERE id = :id AND :token IS NOT NULL AND claimed_until IS NOT NULL
