-- What articles are found and related by, in rows and in bytes: indexes and partitions with it.
SELECT name, rows, coalesce(
    (SELECT sum(pg_total_relation_size(part.relid)) FROM pg_partition_tree(CAST(name AS regclass)) part),
    pg_total_relation_size(CAST(name AS regclass))
)::bigint AS bytes
FROM (
    SELECT 'signature' AS name, count(*) AS rows FROM signature
    UNION ALL SELECT 'signature_key', count(*) FROM signature_key
    UNION ALL SELECT 'term_key', count(*) FROM term_key
    UNION ALL SELECT 'relation', count(*) FROM relation
) counted
