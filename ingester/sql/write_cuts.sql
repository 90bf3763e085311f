-- The lines of a revision that were taken for boilerplate.
INSERT INTO cut (article_id, revision, line, kind, text, soft)
SELECT :article_id, :revision, c.line, c.kind, c.text, c.soft
FROM unnest(CAST(:lines AS integer[]), CAST(:kinds AS text[]), CAST(:texts AS text[]), CAST(:softs AS boolean[]))
    AS c(line, kind, text, soft)
