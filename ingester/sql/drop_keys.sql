-- A revised article's former keys.
WITH old AS (
    SELECT day, term_keys FROM signature WHERE article_id = :article_id
), signature_keys AS (
    DELETE FROM signature_key WHERE article_id = :article_id AND day = (SELECT day FROM old)
)
DELETE FROM term_key
WHERE article_id = :article_id AND day = (SELECT day FROM old)
    AND key = ANY((SELECT term_keys FROM old)::integer[])
