-- Entries whose worker died on them as often as anything is tried: quarantined, their pages kept.
UPDATE entry SET state = 'quarantined', reason = 'crashed', claimed_until = NULL, changed_at = now(),
    last_error = format('the worker ended %s times while it held this entry', attempts)
WHERE state = 'pending' AND attempts >= :attempts AND claimed_until <= now()
