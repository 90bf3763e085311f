-- Why an article and others belong together.
INSERT INTO relation (a_id, b_id, kind, story_score, event_score, containment_a, containment_b, jaccard, shared,
                      containment3, lead3, rule, passages)
SELECT * FROM unnest(
    CAST(:a AS bigint[]), CAST(:b AS bigint[]), CAST(:kind AS text[]), CAST(:story_score AS real[]),
    CAST(:event_score AS real[]), CAST(:containment_a AS real[]), CAST(:containment_b AS real[]),
    CAST(:jaccard AS real[]), CAST(:shared AS integer[]), CAST(:containment3 AS real[]),
    CAST(:lead3 AS real[]), CAST(:rule AS text[]), CAST(:passages AS jsonb[])
)
