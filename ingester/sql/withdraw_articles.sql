-- Articles that are none after all: their entries say why, their stories that they left; they go, with
-- what they said and were found by. All is named, for a regroup's shadow has no cascades.
WITH told AS (
    INSERT INTO story_history (story_id, kind, article_id, other_id, reason)
    SELECT a.story_id, 'left', a.id, NULL, :detail
    FROM article a
    WHERE a.id = ANY(CAST(:ids AS bigint[]))
    ORDER BY a.id
), settled AS (
    UPDATE entry SET state = 'skipped', step = 'store', reason = :reason, last_error = :detail, article_id = NULL,
                     claimed_until = NULL, changed_at = now()
    WHERE article_id = ANY(CAST(:ids AS bigint[]))
), signature_keys AS (
    DELETE FROM signature_key k USING signature s
    WHERE s.article_id = ANY(CAST(:ids AS bigint[])) AND k.article_id = s.article_id AND k.day = s.day
), term_keys AS (
    DELETE FROM term_key k USING signature s
    WHERE s.article_id = ANY(CAST(:ids AS bigint[])) AND k.article_id = s.article_id AND k.day = s.day
        AND k.key = ANY(s.term_keys)
), cuts AS (
    DELETE FROM cut WHERE article_id = ANY(CAST(:ids AS bigint[]))
), revisions AS (
    DELETE FROM revision WHERE article_id = ANY(CAST(:ids AS bigint[]))
), signatures AS (
    DELETE FROM signature WHERE article_id = ANY(CAST(:ids AS bigint[]))
), relations AS (
    DELETE FROM relation WHERE a_id = ANY(CAST(:ids AS bigint[])) OR b_id = ANY(CAST(:ids AS bigint[]))
)
DELETE FROM article WHERE id = ANY(CAST(:ids AS bigint[]))
