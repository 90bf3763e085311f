-- What is compared whole wants other plans than a placement does.
SET LOCAL enable_seqscan = on;
SET LOCAL enable_hashjoin = on;
SET LOCAL enable_mergejoin = on;
SET LOCAL plan_cache_mode = auto;
ANALYZE regroup.article, regroup.story, regroup.revision, regroup.cut, regroup.relation, regroup.signature,
        regroup.signature_key, regroup.term_key;
-- The ids that the shadow's stories and events will bear.
CREATE TEMP TABLE story_name (shadow_id bigint PRIMARY KEY, id bigint NOT NULL UNIQUE, kept boolean NOT NULL)
    ON COMMIT DROP;
CREATE TEMP TABLE event_name (shadow_id bigint PRIMARY KEY, id bigint NOT NULL UNIQUE, kept boolean NOT NULL)
    ON COMMIT DROP;
