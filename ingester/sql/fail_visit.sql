-- A visit that told nothing of the article and is not made again: its lease ends.
UPDATE entry SET claimed_until = NULL, attempts = 0 WHERE id = :id AND claim_token = :token
