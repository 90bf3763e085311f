-- Entries that were claimed as often as anything is tried and never settled: their workers died on them.
UPDATE entry SET state = 'quarantined', reason = 'crashed', claimed_until = NULL, changed_at = now(),
    last_error = format('claimed %s times and never settled; before that: %s', attempts, coalesce(last_error, 'nothing'))
WHERE state = 'pending' AND attempts >= :attempts AND claimed_until <= now()
