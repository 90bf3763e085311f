-- A visit that told nothing of the article: its lease ends.
UPDATE entry SET claimed_until = NULL WHERE id = :id AND claim_token = :token
