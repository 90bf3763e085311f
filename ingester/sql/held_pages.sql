-- Which of these URLs were settled with just this page before.
SELECT e.url_sha256, p.body_sha256
FROM entry e JOIN page p ON p.entry_id = e.id
WHERE e.state <> 'pending' AND e.url_sha256 = ANY(:urls)
