-- How many URLs stand where, and why.
SELECT status, reason, count(*) AS urls FROM url_fate GROUP BY status, reason ORDER BY status, urls DESC, reason
