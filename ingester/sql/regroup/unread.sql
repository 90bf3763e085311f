-- The next articles to be read, in the order of their arrival: each as it now is, with its page and what
-- its feed or archive said of that.
SELECT q.article_id, q.revision, q.day, a.entry_id, a.url, a.outlet_id, o.host, a.first_seen_at,
       e.title AS told_title, e.outlet AS told_outlet, e.published_at AS told_at,
       e.published_precision AS told_precision, e.published_zoned AS told_zoned, e.published_raw AS told_raw,
       CASE e.origin WHEN 'feed' THEN 'feed' ELSE 'archive' END AS told_source,
       p.url AS page_url, p.media_type, p.charset, p.fetched_at, p.body,
       r.page_id, r.title, r.text, coalesce(r.signed_text, r.text) AS signed_text, r.description, r.authors,
       r.published_at, r.published_precision, r.published_zoned, r.published_source, r.published_raw,
       r.modified_at, r.agency, r.agency_evidence, r.section, r.language, r.canonical_url, r.image, r.form,
       r.extractor, r.confidence, r.sources,
       ARRAY(SELECT jsonb_build_array(c.kind, c.line, c.text, c.soft) FROM cut c
             WHERE c.article_id = r.article_id AND c.revision = r.number ORDER BY c.number) AS cuts
FROM regroup.reading q
JOIN article a ON a.id = q.article_id AND a.revision = q.revision
JOIN outlet o ON o.id = a.outlet_id
JOIN entry e ON e.id = a.entry_id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN page p ON p.id = r.page_id
WHERE q.outcome IS NULL AND (q.day, q.article_id) > (CAST(:day AS date), CAST(:id AS bigint))
ORDER BY q.day, q.article_id
LIMIT 64
