-- A feed that was claimed and not asked: back to the queue.
UPDATE feed SET claimed_until = NULL, crashes = 0, next_at = now() + make_interval(secs => :wait_s) WHERE id = :id
