-- Some of what the switch will change, a few of each kind.
(SELECT 'text' AS what, a.url, s.lines_before || ' lines cut, now ' || s.lines_after AS change
 FROM said_anew s JOIN article a ON a.id = s.article_id
 WHERE s.other_text ORDER BY abs(s.lines_after - s.lines_before) DESC, a.url LIMIT :most)
UNION ALL
(SELECT 'page kept', a.url, q.detail
 FROM regroup.reading q JOIN article a ON a.id = q.article_id
 WHERE q.outcome = 'kept' ORDER BY a.url LIMIT :most)
UNION ALL
(SELECT 'story', a.url, 'from the story of ' || o.url || ' to the one of ' || c.url
 FROM moved m
 JOIN article a ON a.id = m.article_id
 JOIN story s ON s.id = m.old_id
 JOIN article o ON o.id = s.canonical_article_id
 JOIN story_name k ON k.id = m.story_id
 JOIN regroup.story n ON n.id = k.shadow_id
 JOIN article c ON c.id = n.canonical_article_id
 ORDER BY m.story_id, a.url LIMIT :most)
UNION ALL
(SELECT 'canonical', c.url, 'instead of ' || o.url || ': ' || e.reason
 FROM elected e JOIN article c ON c.id = e.article_id JOIN article o ON o.id = e.old_id
 ORDER BY e.story_id LIMIT :most)
