-- What the switch will change, seen from the archive.
CREATE TEMP TABLE said_anew ON COMMIT DROP AS
SELECT a.id AS article_id, r.number + 1 AS number, r.text <> n.text AS other_text,
       (SELECT count(*) FROM cut c WHERE c.article_id = a.id AND c.revision = r.number) AS lines_before,
       (SELECT count(*) FROM regroup.cut c WHERE c.article_id = a.id AND c.revision = n.number) AS lines_after
FROM regroup.article na
JOIN regroup.revision n ON n.article_id = na.id AND n.number = na.revision
JOIN article a ON a.id = na.id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
WHERE (r.title, r.text, r.signed_text, r.description, r.authors, r.published_at, r.published_precision,
       r.published_zoned, r.modified_at, r.agency, r.agency_evidence, r.section, r.language, r.canonical_url,
       r.image, r.form, r.body_sha256)
    IS DISTINCT FROM
      (n.title, n.text, n.signed_text, n.description, n.authors, n.published_at, n.published_precision,
       n.published_zoned, n.modified_at, n.agency, n.agency_evidence, n.section, n.language, n.canonical_url,
       n.image, n.form, n.body_sha256);

CREATE TEMP TABLE moved ON COMMIT DROP AS
SELECT a.id AS article_id, a.story_id AS old_id, m.id AS story_id
FROM regroup.article n
JOIN story_name m ON m.shadow_id = n.story_id
JOIN article a ON a.id = n.id
WHERE a.story_id <> m.id;

CREATE TEMP TABLE elected ON COMMIT DROP AS
SELECT m.id AS story_id, s.canonical_article_id AS old_id, n.canonical_article_id AS article_id,
       n.canonical_reason AS reason
FROM story_name m
JOIN regroup.story n ON n.id = m.shadow_id
JOIN story s ON s.id = m.id
WHERE s.canonical_article_id <> n.canonical_article_id;

-- An id that nobody goes on bearing leads to where its canonical article is,
CREATE TEMP TABLE retired_story ON COMMIT DROP AS
SELECT s.id AS old_id, m.id AS story_id
FROM story s
JOIN regroup.article n ON n.id = s.canonical_article_id
JOIN story_name m ON m.shadow_id = n.story_id
WHERE NOT EXISTS (SELECT FROM story_name k WHERE k.id = s.id);

-- and an event's to where the first of its articles is.
CREATE TEMP TABLE retired_event ON COMMIT DROP AS
SELECT DISTINCT ON (s.event_id) s.event_id AS old_id, m.id AS event_id
FROM article a
JOIN story s ON s.id = a.story_id
JOIN regroup.article n ON n.id = a.id
JOIN regroup.story ns ON ns.id = n.story_id
JOIN event_name m ON m.shadow_id = ns.event_id
WHERE NOT EXISTS (SELECT FROM event_name k WHERE k.id = s.event_id)
ORDER BY s.event_id, a.id;
