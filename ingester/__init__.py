"""A news archive that knows its copies: feeds in, canonical stories in Postgres out."""
