-- The demo's feeds, due again at once.
UPDATE feed SET next_at = now() WHERE state <> 'gone' AND claimed_until IS NULL
