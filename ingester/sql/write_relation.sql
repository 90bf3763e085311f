-- Why two articles belong together.
INSERT INTO relation (a_id, b_id, kind, story_score, event_score, containment_a, containment_b, jaccard, shared,
                      containment3, lead3, passages, rule)
VALUES (:a, :b, :kind, :story_score, :event_score, :containment_a, :containment_b, :jaccard, :shared,
        :containment3, :lead3, CAST(:passages AS jsonb), :rule)
