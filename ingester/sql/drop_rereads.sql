-- Articles that can't be read again: their page is no longer kept.
DELETE FROM reread
USING article a
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN page p ON p.id = r.page_id
WHERE a.id = reread.article_id AND p.body IS NULL
