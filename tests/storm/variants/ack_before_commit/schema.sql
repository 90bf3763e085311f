-- An entry may be settled before its article is written.
ALTER TABLE entry DROP CONSTRAINT entry_check;
