-- All that a placement changes in stories and events, in one statement: new events, stories as they now
-- are, articles that now belong to another story, stories and events that all theirs left (their ids
-- lead on), and what is to be told of it.
WITH new_event AS (
    INSERT INTO event (id) SELECT unnest(CAST(:new_events AS bigint[]))
), written AS (
    INSERT INTO story (id, event_id, canonical_article_id, canonical_reason)
    SELECT * FROM unnest(CAST(:stories AS bigint[]), CAST(:story_events AS bigint[]),
                         CAST(:canonicals AS bigint[]), CAST(:reasons AS text[]))
    ON CONFLICT (id) DO UPDATE SET
        event_id = excluded.event_id,
        canonical_article_id = excluded.canonical_article_id,
        canonical_reason = excluded.canonical_reason
), moved AS (
    UPDATE article SET story_id = m.story_id
    FROM unnest(CAST(:moved AS bigint[]), CAST(:moved_to AS bigint[])) AS m(id, story_id)
    WHERE article.id = m.id
), unread AS (  -- a story is read in part where it is too large to be grouped anew
    UPDATE article SET story_id = r.new_id
    FROM unnest(CAST(:retired_stories AS bigint[]), CAST(:stories_after AS bigint[])) AS r(old_id, new_id)
    WHERE article.story_id = r.old_id AND article.id <> ALL(CAST(:moved AS bigint[]))
), retired_story AS (
    DELETE FROM story WHERE id = ANY(CAST(:retired_stories AS bigint[]))
), led_story AS (
    UPDATE story_redirect SET story_id = r.new_id
    FROM unnest(CAST(:retired_stories AS bigint[]), CAST(:stories_after AS bigint[])) AS r(old_id, new_id)
    WHERE story_redirect.story_id = r.old_id
), story_leads AS (
    INSERT INTO story_redirect (old_id, story_id)
    SELECT * FROM unnest(CAST(:retired_stories AS bigint[]), CAST(:stories_after AS bigint[]))
), retired_event AS (
    DELETE FROM event WHERE id = ANY(CAST(:retired_events AS bigint[]))
), led_event AS (
    UPDATE event_redirect SET event_id = r.new_id
    FROM unnest(CAST(:retired_events AS bigint[]), CAST(:events_after AS bigint[])) AS r(old_id, new_id)
    WHERE event_redirect.event_id = r.old_id
), event_leads AS (
    INSERT INTO event_redirect (old_id, event_id)
    SELECT * FROM unnest(CAST(:retired_events AS bigint[]), CAST(:events_after AS bigint[]))
), event_told AS (
    INSERT INTO event_history (event_id, kind, story_id, other_id, reason)
    SELECT h.event_id, h.kind, h.story_id, h.other_id, h.reason
    FROM unnest(CAST(:befell AS bigint[]), CAST(:befell_kinds AS text[]), CAST(:befell_stories AS bigint[]),
                CAST(:befell_others AS bigint[]), CAST(:befell_reasons AS text[]))
        WITH ORDINALITY AS h(event_id, kind, story_id, other_id, reason, number)
    ORDER BY h.number
)
INSERT INTO story_history (story_id, kind, article_id, other_id, reason)
SELECT h.story_id, h.kind, h.article_id, h.other_id, h.reason
FROM unnest(CAST(:told_of AS bigint[]), CAST(:told_kinds AS text[]), CAST(:told_articles AS bigint[]),
            CAST(:told_others AS bigint[]), CAST(:told_reasons AS text[]))
    WITH ORDINALITY AS h(story_id, kind, article_id, other_id, reason, number)
ORDER BY h.number
