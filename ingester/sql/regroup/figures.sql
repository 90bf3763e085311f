-- What the switch will change, in numbers: after = before - merged + new.
WITH before AS (
    SELECT a.story_id, s.event_id
    FROM regroup.article n JOIN article a ON a.id = n.id JOIN story s ON s.id = a.story_id
)
SELECT (SELECT count(*) FROM regroup.reading WHERE outcome = 'read') AS articles_read,
       (SELECT count(*) FROM regroup.reading WHERE outcome = 'kept') AS articles_kept,
       (SELECT count(*) FROM said_anew) AS revisions,
       (SELECT count(*) FROM said_anew WHERE other_text) AS texts_changed,
       (SELECT coalesce(sum(lines_after - lines_before), 0)::bigint FROM said_anew
        WHERE lines_after > lines_before) AS lines_more,
       (SELECT coalesce(sum(lines_before - lines_after), 0)::bigint FROM said_anew
        WHERE lines_after < lines_before) AS lines_fewer,
       (SELECT count(DISTINCT story_id) FROM before) AS stories_before,
       (SELECT count(*) FROM retired_story) AS stories_merged,
       (SELECT count(*) FROM story_name WHERE NOT kept) AS stories_new,
       (SELECT count(*) FROM story_name) AS stories_after,
       (SELECT count(*) FROM moved) AS articles_moved,
       (SELECT count(*) FROM elected) AS canonical_changed,
       (SELECT count(DISTINCT event_id) FROM before) AS events_before,
       (SELECT count(*) FROM retired_event) AS events_merged,
       (SELECT count(*) FROM event_name WHERE NOT kept) AS events_new,
       (SELECT count(*) FROM event_name) AS events_after
