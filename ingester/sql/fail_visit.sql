-- A visit that told nothing of the article and is not made again: its lease ends.
UPDATE entry SET claimed_until = NULL, visits = :number, attempts = 0, crashes = 0
WHERE id = :id AND claim_token = :token AND claimed_until IS NOT NULL
