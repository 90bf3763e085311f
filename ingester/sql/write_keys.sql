-- The keys of an article, on the day of its arrival.
WITH signature_keys AS (
    INSERT INTO signature_key (day, key, article_id)
    SELECT CAST(:day AS date), k, :article_id FROM unnest(CAST(:keys AS bigint[])) k
)
INSERT INTO term_key (day, key, article_id)
SELECT CAST(:day AS date), k, :article_id FROM unnest(CAST(:term_keys AS bigint[])) k
