-- A feed that is asked no more, because another one is the same.
UPDATE feed SET state = 'gone', last_error = :last_error, failing_since = now() WHERE id = :id
