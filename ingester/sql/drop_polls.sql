-- The record of polls that are older than it is kept.
DELETE FROM feed_poll WHERE at < now() - make_interval(days => CAST(:days AS integer))
