-- The outlet of a host; its name is learned when somebody first tells it.
INSERT INTO outlet (host, name) VALUES (:host, :name)
ON CONFLICT (host) DO UPDATE SET name = coalesce(outlet.name, excluded.name)
RETURNING id
