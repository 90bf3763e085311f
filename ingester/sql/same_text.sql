-- Of a text, at one outlet: whether it was found to be no article, at how many addresses it stands with
-- this one, and the articles that never said anything else.
WITH same AS (
    SELECT a.id, coalesce(r.canonical_url, a.url) AS address
    FROM revision r
    JOIN article a ON a.id = r.article_id AND a.revision = r.number
    WHERE r.body_sha256 = :body_sha256 AND a.outlet_id = :outlet_id
)
SELECT EXISTS (SELECT FROM repeated_text t WHERE t.outlet_id = :outlet_id AND t.body_sha256 = :body_sha256) AS known,
       (SELECT count(*) FROM (SELECT address FROM same UNION SELECT :address) AS each) AS addresses,
       ARRAY(SELECT id FROM same
             WHERE NOT EXISTS (SELECT FROM revision v WHERE v.article_id = same.id AND v.kind IN ('minor', 'material'))
             ORDER BY id) AS articles
