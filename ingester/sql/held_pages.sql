-- Which of these URLs were settled with just this page, and say so still; or hold what was fetched since.
SELECT e.url_sha256, p.body_sha256
FROM entry e
JOIN page p ON p.entry_id = e.id
LEFT JOIN article a ON a.entry_id = e.id
LEFT JOIN revision r ON r.article_id = a.id AND r.number = a.revision
WHERE e.url_sha256 = ANY(:urls) AND e.state IN ('stored', 'duplicate', 'skipped')
    AND (r.page_id IS NULL OR r.page_id = p.id OR e.origin = 'feed')
