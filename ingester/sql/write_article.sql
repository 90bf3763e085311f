-- An article: its URL, what it says, what was cut, what it is found by; and its entry settled, but
-- for the lease of a visit. One statement, because most of a placement's time would go into the way to the server and back.
WITH located AS (
    INSERT INTO article (id, entry_id, url, url_sha256, outlet_id, story_id, revision, first_seen_at)
    VALUES (:id, :entry_id, :url, :url_sha256, :outlet_id, :story_id, :revision, :first_seen_at)
    ON CONFLICT (id) DO UPDATE SET story_id = excluded.story_id, revision = excluded.revision
), revised AS (
    INSERT INTO revision (article_id, number, kind, page_id, at, title, text, signed_text, description, authors,
                          published_at, published_precision, published_zoned, published_source, published_raw,
                          modified_at, agency, agency_evidence, section, language, canonical_url, image,
                          form, extractor, confidence, sources, body_sha256)
    VALUES (:id, :revision,
            coalesce((SELECT CASE WHEN r.page_id = :page_id THEN 'boilerplate'
                      ELSE change_kind(
                          concat_ws(E'\n', r.title,
                                    without_lines(coalesce(r.signed_text, r.text), CAST(:cut_texts AS text[]))),
                          concat_ws(E'\n', CAST(:title AS text), without_lines(
                              coalesce(:signed_text, :text),
                              ARRAY(SELECT c.text FROM cut c WHERE c.article_id = :id AND c.revision = r.number)))
                      ) END
                      FROM revision r WHERE r.article_id = :id AND r.number = :revision - 1), 'first'),
            :page_id, now(), :title, :text, :signed_text, :description, :authors,
            :published_at, :published_precision, :published_zoned, :published_source, :published_raw,
            :modified_at, :agency, :agency_evidence, :section, :language, :canonical_url, :image,
            :form, :extractor, :confidence, CAST(:sources AS jsonb), :body_sha256)
), removed AS (
    INSERT INTO cut (article_id, revision, number, line, kind, text, soft)
    SELECT :id, :revision, c.number, c.line, c.kind, c.text, c.soft
    FROM unnest(CAST(:cut_lines AS integer[]), CAST(:cut_kinds AS text[]), CAST(:cut_texts AS text[]),
                CAST(:cut_softs AS boolean[])) WITH ORDINALITY AS c(line, kind, text, soft, number)
), signed AS (
    INSERT INTO signature (article_id, scheme, permutations, seed_id, shingler, vocabulary, day, tokens,
                           hashes, terms, weights, term_keys)
    VALUES (:id, :scheme, :permutations, :seed_id, :shingler, :vocabulary, CAST(:day AS date), :tokens,
            :hashes, :terms, :weights, CAST(:term_keys AS integer[]))
    ON CONFLICT (article_id) DO UPDATE SET
        scheme = excluded.scheme, permutations = excluded.permutations, seed_id = excluded.seed_id,
        shingler = excluded.shingler, vocabulary = excluded.vocabulary, day = excluded.day,
        tokens = excluded.tokens, hashes = excluded.hashes, terms = excluded.terms,
        weights = excluded.weights, term_keys = excluded.term_keys
), signature_keys AS (
    INSERT INTO signature_key (day, article_id, keys)
    SELECT CAST(:day AS date), :id, array_agg(k) FROM unnest(CAST(:keys AS bigint[])) AS k
    WHERE NOT EXISTS (SELECT FROM stop_key s WHERE s.key = k AND s.day >= CAST(:since AS date))
    HAVING count(*) > 0
), term_keys AS (
    INSERT INTO term_key (article_id, key, day)
    SELECT :id, k, CAST(:day AS date) FROM unnest(CAST(:term_keys AS integer[])) k
)
UPDATE entry SET
    state = 'stored', step = 'store', reason = NULL, last_error = NULL, article_id = :id, changed_at = now(),
    attempts = CASE state WHEN 'stored' THEN attempts ELSE 0 END,
    crashes = CASE state WHEN 'stored' THEN crashes ELSE 0 END,
    claimed_until = CASE state WHEN 'stored' THEN claimed_until END
WHERE id = :entry_id
