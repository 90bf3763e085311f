-- A revised article's former keys.
WITH signature_keys AS (
    DELETE FROM signature_key WHERE article_id = :article_id AND day = CAST(:day AS date)
)
DELETE FROM term_key WHERE article_id = :article_id AND day = CAST(:day AS date)
