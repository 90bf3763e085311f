-- Skipped for this reason, to be tried as if for the first time; who imported a page may import it again.
UPDATE entry SET state = 'pending', attempts = 0, crashes = 0, next_at = now(), changed_at = now()
WHERE state = 'skipped' AND reason = :reason
RETURNING url, origin
