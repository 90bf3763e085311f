-- Broken: whoever comes ends the lease, be it another's.
WITH ended AS (
    UPDATE entry SET claimed_until = NULL, visits = :number, attempts = 0, crashes = 0
    WHERE id = :id AND :token IS NOT NULL AND claimed_until IS NOT NULL
    RETURNING article_id
)
UPDATE article SET gone_at = CASE WHEN :gone THEN now() END,
                   absences = absences + CASE WHEN NOT :gone THEN tstzmultirange(tstzrange(gone_at, now())) ELSE '{}' END
FROM ended WHERE article.id = ended.article_id AND (article.gone_at IS NULL) = :gone
