-- What nobody lived to end. Entries that were tried as often as anything is go into quarantine, those too
-- whose bound was lowered since, which nobody would claim any more; visits that were are given up until the
-- next one is due; the others are free again, and so are feeds. The leases are over for good: who wakes up
-- later writes nothing.
-- Gives what was given up, and why.
WITH ended AS (
    SELECT id, state = 'pending' AND (attempts >= :attempts OR crashes >= :crashes) AS buried,
           state = 'stored' AND (attempts >= :attempts OR crashes >= :crashes) AS given_up,
           CASE WHEN claimed_until IS NULL THEN coalesce(reason, 'crashed') ELSE 'crashed' END AS reason,
           CASE WHEN claimed_until IS NULL THEN last_error ELSE
               format('the last of %s tries was never ended: its service died, or its log tells why; before that: %s', attempts, coalesce(last_error, 'nothing'))
           END AS why
    FROM entry
    WHERE claimed_until <= now()
       OR (claimed_until IS NULL AND state = 'pending' AND origin = 'feed' AND (attempts >= :attempts OR crashes >= :crashes))
    FOR UPDATE SKIP LOCKED
), polls AS (
    UPDATE feed SET claimed_until = NULL, claim_token = claim_token + 1
    WHERE id IN (SELECT f.id FROM feed f WHERE f.claimed_until <= now() FOR UPDATE SKIP LOCKED)
), freed AS (
    UPDATE entry SET
        claimed_until = NULL,
        claim_token = claim_token + 1,
        state = CASE WHEN buried THEN 'quarantined' ELSE state END,
        changed_at = CASE WHEN buried THEN now() ELSE changed_at END,
        reason = CASE WHEN buried THEN ended.reason ELSE entry.reason END,
        last_error = CASE WHEN buried THEN why ELSE last_error END,
        visits = visits + CAST(given_up AS integer),
        attempts = CASE WHEN given_up THEN 0 ELSE attempts END,
        crashes = CASE WHEN given_up THEN 0 ELSE crashes END
    FROM ended WHERE entry.id = ended.id
    RETURNING url, state, step, ended.reason, why, buried OR given_up AS over
)
SELECT url, state, step, reason, why FROM freed WHERE over
