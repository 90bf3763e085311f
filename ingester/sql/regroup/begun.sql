-- The regroup that is under way.
SELECT archive, settings, at, archive = current_schema() AS ours FROM regroup.begun
