-- The shadow's grouping takes the place of the archive's: only what differs is written. It stands in one
-- transaction with the placing locked; the reason is in the setting ingester.reason.
INSERT INTO story_history (story_id, kind, article_id, other_id, reason)
SELECT m.id, 'created', n.canonical_article_id, NULL, current_setting('ingester.reason')
FROM story_name m JOIN regroup.story n ON n.id = m.shadow_id
WHERE NOT m.kept
ORDER BY m.id;

INSERT INTO story_history (story_id, kind, article_id, other_id, reason)
SELECT story_id, 'canonical', article_id, old_id, reason || ' (' || current_setting('ingester.reason') || ')'
FROM elected ORDER BY story_id;

INSERT INTO story_history (story_id, kind, article_id, other_id, reason)
SELECT old_id, 'left', article_id, story_id, current_setting('ingester.reason')
FROM moved ORDER BY article_id;

INSERT INTO story_history (story_id, kind, article_id, other_id, reason)
SELECT v.story_id, 'joined', v.article_id, v.old_id, current_setting('ingester.reason')
FROM moved v
JOIN story_name m ON m.id = v.story_id
JOIN regroup.story n ON n.id = m.shadow_id
WHERE m.kept OR n.canonical_article_id <> v.article_id
ORDER BY v.article_id;

INSERT INTO story_history (story_id, kind, article_id, other_id, reason)
SELECT old_id, 'merged', NULL, story_id, current_setting('ingester.reason')
FROM retired_story ORDER BY old_id;

WITH moved_story AS (
    SELECT s.id, s.event_id AS old_id, v.id AS event_id
    FROM story_name m
    JOIN regroup.story n ON n.id = m.shadow_id
    JOIN event_name v ON v.shadow_id = n.event_id
    JOIN story s ON s.id = m.id
    WHERE s.event_id <> v.id
)
INSERT INTO event_history (event_id, kind, story_id, other_id, reason)
SELECT h.event_id, h.kind, h.story_id, h.other_id, current_setting('ingester.reason')
FROM (
    SELECT old_id AS event_id, 'left' AS kind, id AS story_id, event_id AS other_id FROM moved_story
    UNION ALL
    SELECT event_id, 'joined', id, old_id FROM moved_story
    UNION ALL
    SELECT old_id, 'merged', NULL, event_id FROM retired_event
) h
ORDER BY h.kind = 'merged', h.story_id, h.kind = 'joined', h.event_id;

INSERT INTO event (id) SELECT id FROM event_name WHERE NOT kept;

INSERT INTO story (id, event_id, canonical_article_id, canonical_reason)
SELECT m.id, v.id, n.canonical_article_id, n.canonical_reason
FROM story_name m
JOIN regroup.story n ON n.id = m.shadow_id
JOIN event_name v ON v.shadow_id = n.event_id
ON CONFLICT (id) DO UPDATE SET
    event_id = excluded.event_id,
    canonical_article_id = excluded.canonical_article_id,
    canonical_reason = excluded.canonical_reason
WHERE (story.event_id, story.canonical_article_id, story.canonical_reason)
    IS DISTINCT FROM (excluded.event_id, excluded.canonical_article_id, excluded.canonical_reason);

UPDATE article SET story_id = m.story_id FROM moved m WHERE article.id = m.article_id;

DELETE FROM story USING retired_story r WHERE story.id = r.old_id;
UPDATE story_redirect SET story_id = r.story_id FROM retired_story r WHERE story_redirect.story_id = r.old_id;
INSERT INTO story_redirect (old_id, story_id) SELECT old_id, story_id FROM retired_story;

DELETE FROM event USING retired_event r WHERE event.id = r.old_id;
UPDATE event_redirect SET event_id = r.event_id FROM retired_event r WHERE event_redirect.event_id = r.old_id;
INSERT INTO event_redirect (old_id, event_id) SELECT old_id, event_id FROM retired_event;

INSERT INTO revision (article_id, number, kind, page_id, at, title, text, signed_text, description, authors,
                      published_at, published_precision, published_zoned, published_source, published_raw,
                      modified_at, agency, agency_evidence, section, language, canonical_url, image, form,
                      extractor, confidence, sources, body_sha256)
SELECT n.article_id, s.number, 'boilerplate', n.page_id, now(), n.title, n.text, n.signed_text, n.description,
       n.authors, n.published_at, n.published_precision, n.published_zoned, n.published_source, n.published_raw,
       n.modified_at, n.agency, n.agency_evidence, n.section, n.language, n.canonical_url, n.image, n.form,
       n.extractor, n.confidence, n.sources, n.body_sha256
FROM said_anew s
JOIN regroup.article a ON a.id = s.article_id
JOIN regroup.revision n ON n.article_id = a.id AND n.number = a.revision;

INSERT INTO cut (article_id, revision, number, line, kind, text, soft)
SELECT c.article_id, s.number, c.number, c.line, c.kind, c.text, c.soft
FROM said_anew s
JOIN regroup.article a ON a.id = s.article_id
JOIN regroup.cut c ON c.article_id = a.id AND c.revision = a.revision;

UPDATE article SET revision = s.number FROM said_anew s WHERE article.id = s.article_id;

DELETE FROM relation r WHERE NOT EXISTS (
    SELECT FROM regroup.relation n
    WHERE n.a_id = r.a_id AND n.b_id = r.b_id AND to_jsonb(n) - 'at' = to_jsonb(r) - 'at'
);
INSERT INTO relation SELECT * FROM regroup.relation ON CONFLICT DO NOTHING;

DELETE FROM signature r USING regroup.signature n
WHERE n.article_id = r.article_id AND ROW(n.*) IS DISTINCT FROM ROW(r.*);
INSERT INTO signature SELECT * FROM regroup.signature ON CONFLICT DO NOTHING;

-- Weeks of keys that were dropped stay so.
DELETE FROM signature_key k WHERE NOT EXISTS (
    SELECT FROM regroup.signature_key n
    WHERE n.article_id = k.article_id AND n.day = k.day AND n.keys = k.keys
);
INSERT INTO signature_key
SELECT n.* FROM regroup.signature_key n
WHERE to_regclass(key_week('signature_key', n.day)) IS NOT NULL
    AND NOT EXISTS (SELECT FROM signature_key k WHERE k.article_id = n.article_id AND k.day = n.day);

DELETE FROM term_key k WHERE NOT EXISTS (
    SELECT FROM regroup.term_key n WHERE n.article_id = k.article_id AND n.key = k.key AND n.day = k.day
);
INSERT INTO term_key
SELECT n.* FROM regroup.term_key n
WHERE to_regclass(key_week('term_key', n.day)) IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM term_key k WHERE k.article_id = n.article_id AND k.key = n.key AND k.day = n.day
    );

DELETE FROM stop_key;
INSERT INTO stop_key TABLE regroup.stop_key;

DROP SCHEMA regroup CASCADE;
