-- Entries that were tried as often as anything is, and whose last try nobody lived to end.
UPDATE entry SET state = 'quarantined', reason = 'crashed', claimed_until = NULL, changed_at = now(),
    last_error = format('%s of %s tries ended with their process; before that: %s', crashes, attempts, coalesce(last_error, 'nothing'))
WHERE state = 'pending' AND (attempts >= :attempts OR crashes >= :crashes) AND claimed_until <= now()
