-- Articles that the shadow has placed and the archive has withdrawn since.
SELECT n.id FROM regroup.article n WHERE NOT EXISTS (SELECT FROM article a WHERE a.id = n.id) ORDER BY n.id
