-- Entries that were tried as often as anything is: those whose last try nobody lived to end, and those
-- whose bound was lowered since, which nobody would claim any more.
UPDATE entry SET state = 'quarantined', claimed_until = NULL, changed_at = now(),
    reason = CASE WHEN claimed_until IS NULL THEN coalesce(reason, 'crashed') ELSE 'crashed' END,
    last_error = CASE WHEN claimed_until IS NULL THEN last_error ELSE
        format('%s of %s tries ended with their process; before that: %s', crashes, attempts, coalesce(last_error, 'nothing')) END
WHERE state = 'pending' AND (attempts >= :attempts OR crashes >= :crashes)
    AND (claimed_until IS NULL OR claimed_until <= now())
