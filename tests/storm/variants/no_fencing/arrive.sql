-- Broken: nobody looks whether the article is held already.
WITH seen AS (
    INSERT INTO outlet (host, name) VALUES (:host, :outlet)
    ON CONFLICT (host) DO UPDATE SET name = coalesce(outlet.name, excluded.name)
    RETURNING id
)
SELECT NULL::bigint AS id, nextval(pg_get_serial_sequence('article', 'id')) AS new_id, false AS said_before,
       seen.id AS outlet_id, CAST(now() AS date) AS day, ensure_key_week(CAST(now() AS date)),
       CAST(:entry_id AS bigint) AS entry_id, CAST(:url_sha256 AS bytea) AS url_sha256
FROM seen
