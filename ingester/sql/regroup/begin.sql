-- A shadow of all that grouping writes. What it reads besides (outlets, decisions) is the archive's own,
-- for the shadow's connections look there for what is not here. Keys stand in one table each: nothing is
-- dropped by days here.
CREATE SCHEMA regroup;
CREATE TABLE regroup.begun (one boolean PRIMARY KEY DEFAULT true CHECK (one), archive text NOT NULL,
                            settings jsonb NOT NULL, at timestamptz NOT NULL);
CREATE TABLE regroup.reading (
    article_id bigint PRIMARY KEY,
    revision   integer NOT NULL,
    day        date NOT NULL,
    outcome    text CHECK (outcome IN ('read', 'kept')),
    detail     text
);
CREATE INDEX reading_due ON regroup.reading (day, article_id) WHERE outcome IS NULL;
COMMENT ON TABLE regroup.reading IS 'Articles to be read again, in the order of their arrival; kept: the page gives no article now.';
-- of its own, because the placing is locked by it
CREATE TABLE regroup.archive (LIKE archive INCLUDING ALL);
INSERT INTO regroup.archive TABLE archive;
-- empty: that an article is placed settles its entry, and here none is to be settled
CREATE TABLE regroup.entry (LIKE entry);
CREATE TABLE regroup.event (LIKE event INCLUDING ALL);
CREATE TABLE regroup.story (LIKE story INCLUDING ALL);
CREATE TABLE regroup.article (LIKE article INCLUDING ALL);
CREATE TABLE regroup.revision (LIKE revision INCLUDING DEFAULTS INCLUDING INDEXES);
ALTER TABLE regroup.revision DROP COLUMN search;
CREATE TABLE regroup.cut (LIKE cut INCLUDING ALL);
CREATE TABLE regroup.signature (LIKE signature INCLUDING ALL);
CREATE TABLE regroup.signature_key (LIKE signature_key INCLUDING INDEXES);
CREATE TABLE regroup.term_key (LIKE term_key INCLUDING INDEXES);
CREATE TABLE regroup.stop_key (LIKE stop_key INCLUDING ALL);
CREATE TABLE regroup.relation (LIKE relation INCLUDING ALL);
CREATE TABLE regroup.story_history (LIKE story_history INCLUDING ALL);
CREATE TABLE regroup.story_redirect (LIKE story_redirect INCLUDING ALL);
CREATE TABLE regroup.event_history (LIKE event_history INCLUDING ALL);
CREATE TABLE regroup.event_redirect (LIKE event_redirect INCLUDING ALL);
