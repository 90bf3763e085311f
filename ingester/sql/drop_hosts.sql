-- Hosts that nobody asked for as long: whoever comes back to one reads its robots.txt anew.
DELETE FROM host WHERE free_at < now() - make_interval(days => CAST(:days AS integer))
