-- What was learned, by outlet.
SELECT host, text, spared, last_seen FROM learned_line
WHERE CAST(:host AS text) IS NULL OR host = :host
ORDER BY host, spared, text
