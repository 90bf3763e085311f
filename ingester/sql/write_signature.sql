-- What an article is found by.
INSERT INTO signature (article_id, scheme, permutations, seed_id, shingler, vocabulary, day, tokens, hashes, terms, weights)
VALUES (:article_id, :scheme, :permutations, :seed_id, :shingler, :vocabulary, CAST(:day AS date), :tokens, :hashes,
        CAST(:terms AS bigint[]), CAST(:weights AS real[]))
ON CONFLICT (article_id) DO UPDATE SET
    scheme = excluded.scheme, permutations = excluded.permutations, seed_id = excluded.seed_id,
    shingler = excluded.shingler, vocabulary = excluded.vocabulary, day = excluded.day, tokens = excluded.tokens,
    hashes = excluded.hashes, terms = excluded.terms, weights = excluded.weights
