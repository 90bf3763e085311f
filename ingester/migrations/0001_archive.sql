-- The whole database, top to bottom: the queue, the articles, the groups, and the views that people
-- query. Valid on Postgres 15 to 18, without extensions. The row is the queue; unique keys are
-- sha256, so that no URL is too long for an index; times are timestamptz and never infinite.

-- ── the archive ────────────────────────────────────────────────────────────────────────────────

CREATE TABLE archive (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    version    integer NOT NULL CHECK (version > 0),
    -- 60 strong random bits: gen_random_uuid is the server's own secure source
    seed       bigint NOT NULL DEFAULT
        ('x0' || left(gen_random_uuid()::text, 8) || right(gen_random_uuid()::text, 7))::bit(64)::bigint,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE archive IS 'One row: the schema''s version and the secret seed of this archive''s signatures.';
INSERT INTO archive (version) VALUES (1);

CREATE TABLE outlet (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host          text NOT NULL UNIQUE CHECK (host <> ''),
    name          text CHECK (name <> ''),
    first_seen_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE outlet IS 'Who publishes: one row a host, named as its pages or feeds name it.';

-- ── politeness ─────────────────────────────────────────────────────────────────────────────────

CREATE TABLE host (
    host    text PRIMARY KEY CHECK (host <> ''),
    free_at timestamptz NOT NULL CHECK (isfinite(free_at)),
    delay_s double precision NOT NULL DEFAULT 0 CHECK (delay_s >= 0),
    turn    bigint NOT NULL DEFAULT 1,
    refusals integer NOT NULL DEFAULT 0 CHECK (refusals >= 0)
);
CREATE INDEX host_by_free_at ON host (free_at);
COMMENT ON TABLE host IS 'Whose turn it is with a host: one request at a time, whatever process or machine it comes from.';
COMMENT ON COLUMN host.free_at IS 'No request before: while one is under way its lease, then the pause after it, or the rest asked for.';
COMMENT ON COLUMN host.delay_s IS 'The pause that the host''s robots.txt asks for.';
COMMENT ON COLUMN host.refusals IS 'How often in a row it said that it is asked too much, and not for how long to leave it alone: each rest is twice the last.';
COMMENT ON COLUMN host.turn IS 'The number of the last turn: who gives it back gives that one back.';

-- ── the queue: feeds and entries ───────────────────────────────────────────────────────────────

CREATE TABLE feed (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url           text NOT NULL,
    url_sha256    bytea NOT NULL UNIQUE CHECK (octet_length(url_sha256) = 32),
    host          text NOT NULL,
    outlet_id     bigint NOT NULL REFERENCES outlet,
    title         text,
    state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'dead', 'gone')),
    added_at      timestamptz NOT NULL DEFAULT now(),
    parsed_at     timestamptz CHECK (isfinite(parsed_at)),
    interval_s    double precision NOT NULL CHECK (interval_s > 0),
    etag          text,
    last_modified text,
    body_sha256   bytea CHECK (octet_length(body_sha256) = 32),
    trusted       boolean NOT NULL DEFAULT true,
    not_modified  integer NOT NULL DEFAULT 0 CHECK (not_modified >= 0),
    moved_to      text,
    moved_since   timestamptz CHECK (isfinite(moved_since)),
    moved_polls   integer NOT NULL DEFAULT 0 CHECK (moved_polls >= 0),
    next_at       timestamptz NOT NULL DEFAULT now() CHECK (isfinite(next_at)),
    errors        double precision NOT NULL DEFAULT 0 CHECK (errors >= 0),
    crashes       integer NOT NULL DEFAULT 0 CHECK (crashes >= 0),
    failing_since timestamptz CHECK (isfinite(failing_since)),
    claimed_until timestamptz CHECK (isfinite(claimed_until)),
    claim_token   bigint NOT NULL DEFAULT 0,
    last_error    text,
    unread        text[] NOT NULL DEFAULT '{}',
    CHECK ((moved_to IS NULL) = (moved_since IS NULL)),
    CHECK (failing_since IS NULL OR last_error IS NOT NULL)
);
CREATE INDEX feed_due ON feed (next_at) WHERE state <> 'gone';
COMMENT ON TABLE feed IS 'Where an outlet''s entries are listed; the row is its place in the queue.';
COMMENT ON COLUMN feed.state IS 'dead: failed for so long that it is asked once a week only; gone: asked no more.';
COMMENT ON COLUMN feed.trusted IS 'Whether its ETag and Last-Modified are believed: not once they stayed while new entries came.';
COMMENT ON COLUMN feed.not_modified IS 'How often in a row the server said so; now and then the whole feed is fetched to see whether it is true.';
COMMENT ON COLUMN feed.moved_to IS 'Where the last polls were permanently redirected to; taken for the feed''s URL after enough of them.';
COMMENT ON COLUMN feed.errors IS 'Failures since the last poll that succeeded; those that pass by themselves count a quarter.';
COMMENT ON COLUMN feed.crashes IS 'Polls in a row that no service lived to end, the one under way included: counted when the feed is claimed.';
COMMENT ON COLUMN feed.unread IS 'Further pages of it that the last poll left, because one failed, time was up or it had read enough: the next ones read them.';
COMMENT ON COLUMN feed.claim_token IS 'Fencing token: a worker''s writes count only while the row still bears its token.';

CREATE TABLE feed_poll (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_id     bigint NOT NULL REFERENCES feed ON DELETE CASCADE,
    at          timestamptz NOT NULL DEFAULT now(),
    outcome     text NOT NULL CHECK (outcome IN ('parsed', 'unchanged', 'failed')),
    reason      text,
    detail      text,
    items       integer NOT NULL DEFAULT 0 CHECK (items >= 0),
    new_entries integer NOT NULL DEFAULT 0 CHECK (new_entries BETWEEN 0 AND items),
    unread      integer NOT NULL DEFAULT 0 CHECK (unread >= 0),
    dropped     jsonb NOT NULL DEFAULT '{}',
    CHECK (outcome <> 'failed' OR reason IS NOT NULL)
);
CREATE INDEX feed_poll_by_feed ON feed_poll (feed_id, at);
CREATE INDEX feed_poll_by_time ON feed_poll (at);
COMMENT ON TABLE feed_poll IS 'One row a poll: whether a gap in the archive is a quiet outlet or a broken feed.';
COMMENT ON COLUMN feed_poll.reason IS 'Why it failed; of one that was parsed, why a further page of the feed could not be read.';
COMMENT ON COLUMN feed_poll.unread IS 'How many further pages of the feed are left for the next polls; about 100 stand for more.';
COMMENT ON COLUMN feed_poll.dropped IS 'How many items of the feed were left out, by reason.';

CREATE TABLE entry (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url                 text NOT NULL,
    url_sha256          bytea NOT NULL UNIQUE CHECK (octet_length(url_sha256) = 32),
    host                text NOT NULL,
    origin              text NOT NULL CHECK (origin IN ('feed', 'import')),
    outlet              text,
    title               text,
    guid                text,
    published_at        timestamptz CHECK (isfinite(published_at)),
    published_precision text CHECK (published_precision IN ('day', 'minute', 'second')),
    published_zoned     boolean,
    published_raw       text,
    state               text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'stored', 'duplicate', 'skipped', 'quarantined')),
    step                text CHECK (step IN ('fetch', 'parse', 'extract', 'store')),
    reason              text,
    last_error          text,
    article_id          bigint,
    first_seen_at       timestamptz NOT NULL DEFAULT now(),
    changed_at          timestamptz NOT NULL DEFAULT now(),
    next_at             timestamptz NOT NULL DEFAULT now() CHECK (isfinite(next_at)),
    attempts            integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    crashes             integer NOT NULL DEFAULT 0 CHECK (crashes >= 0),
    visits              integer NOT NULL DEFAULT 0 CHECK (visits >= 0),
    claimed_until       timestamptz CHECK (isfinite(claimed_until)),
    claim_token         bigint NOT NULL DEFAULT 0,
    CHECK ((state IN ('stored', 'duplicate')) = (article_id IS NOT NULL)),
    CHECK (state NOT IN ('skipped', 'quarantined') OR reason IS NOT NULL),
    CHECK (claimed_until IS NULL OR state IN ('pending', 'stored'))
);
CREATE INDEX entry_waiting ON entry (host, next_at, id) WHERE state = 'pending' AND origin = 'feed';
CREATE INDEX entry_to_visit ON entry (visits, first_seen_at) WHERE state = 'stored' AND origin = 'feed';
CREATE INDEX entry_to_visit_by_host ON entry (host, visits, first_seen_at) WHERE state = 'stored' AND origin = 'feed';
CREATE INDEX entry_claimed ON entry (host) WHERE claimed_until IS NOT NULL;
CREATE INDEX entry_by_article ON entry (article_id);
COMMENT ON TABLE entry IS 'One link ever seen, in a feed or an imported archive; the row is its place in the queue.';
COMMENT ON COLUMN entry.visits IS 'How many of the visits that are due to a stored page were made: has it been changed?';
COMMENT ON COLUMN entry.claimed_until IS 'When the lease ends of who fetches it now, for the first time or on a visit.';
COMMENT ON COLUMN entry.attempts IS 'Tries of the page, or of the visit that is due: counted when it is claimed.';
COMMENT ON COLUMN entry.crashes IS 'Tries whose reader crashed. One that ended with the whole service counts among `attempts` alone: whoever was at work then is seldom to blame.';

CREATE TABLE feed_entry (
    feed_id       bigint NOT NULL REFERENCES feed ON DELETE CASCADE,
    entry_id      bigint NOT NULL REFERENCES entry ON DELETE CASCADE,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (feed_id, entry_id)
);
CREATE INDEX feed_entry_by_entry ON feed_entry (entry_id);
COMMENT ON TABLE feed_entry IS 'Which feeds listed an entry; it is fetched once, however many did.';

CREATE TABLE page (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id    bigint NOT NULL REFERENCES entry ON DELETE CASCADE,
    url         text,
    media_type  text NOT NULL,
    charset     text,
    fetched_at  timestamptz NOT NULL,
    etag        text,
    last_modified text,
    body        bytea,
    body_bytes  integer NOT NULL CHECK (body_bytes >= 0),
    body_sha256 bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
    UNIQUE (entry_id, body_sha256)
);
ALTER TABLE page ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX page_by_age ON page (fetched_at) WHERE body IS NOT NULL;
COMMENT ON TABLE page IS 'The bytes as fetched, so that everything can be read again; also of pages that gave no article.';
COMMENT ON COLUMN page.body IS 'Compressed by zstd (RFC 8878); NULL where it is no longer kept (retention.pages_days).';

-- ── articles ───────────────────────────────────────────────────────────────────────────────────

CREATE TABLE event (
    id         bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE event IS 'A happening: the stories that report it.';

CREATE TABLE story (
    id                   bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    event_id             bigint NOT NULL REFERENCES event,
    canonical_article_id bigint NOT NULL,
    canonical_reason     text NOT NULL,
    created_at           timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX story_by_event ON story (event_id, id);
COMMENT ON TABLE story IS 'One text as it was told: the articles that are copies of each other, one of them canonical.';

CREATE TABLE article (
    id            bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    entry_id      bigint NOT NULL UNIQUE REFERENCES entry,
    url           text NOT NULL,
    url_sha256    bytea NOT NULL UNIQUE CHECK (octet_length(url_sha256) = 32),
    outlet_id     bigint NOT NULL REFERENCES outlet,
    story_id      bigint NOT NULL REFERENCES story DEFERRABLE INITIALLY DEFERRED,
    revision      integer NOT NULL CHECK (revision >= 1),
    first_seen_at timestamptz NOT NULL,
    gone_at       timestamptz CHECK (isfinite(gone_at)),
    absences      tstzmultirange NOT NULL DEFAULT '{}'
);
CREATE INDEX article_by_story ON article (story_id, id);
CREATE INDEX article_by_outlet ON article (outlet_id, first_seen_at);
COMMENT ON TABLE article IS 'The article at one URL; what it says stands in its revisions.';
COMMENT ON COLUMN article.gone_at IS 'When a visit found no page there any more; NULL while there is one.';
COMMENT ON COLUMN article.absences IS 'From when to when it was gone before: visits found it again.';
COMMENT ON COLUMN article.revision IS 'The number of the present revision.';

ALTER TABLE story ADD FOREIGN KEY (canonical_article_id) REFERENCES article DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE entry ADD FOREIGN KEY (article_id) REFERENCES article;

CREATE FUNCTION search_config(language text) RETURNS regconfig
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE split_part(language, '-', 1)
        WHEN 'ar' THEN 'arabic' WHEN 'hy' THEN 'armenian' WHEN 'eu' THEN 'basque'
        WHEN 'ca' THEN 'catalan' WHEN 'da' THEN 'danish' WHEN 'nl' THEN 'dutch'
        WHEN 'en' THEN 'english' WHEN 'fi' THEN 'finnish' WHEN 'fr' THEN 'french'
        WHEN 'de' THEN 'german' WHEN 'el' THEN 'greek' WHEN 'hi' THEN 'hindi'
        WHEN 'hu' THEN 'hungarian' WHEN 'id' THEN 'indonesian' WHEN 'ga' THEN 'irish'
        WHEN 'it' THEN 'italian' WHEN 'lt' THEN 'lithuanian' WHEN 'ne' THEN 'nepali'
        WHEN 'no' THEN 'norwegian' WHEN 'nb' THEN 'norwegian' WHEN 'pt' THEN 'portuguese'
        WHEN 'ro' THEN 'romanian' WHEN 'ru' THEN 'russian' WHEN 'sr' THEN 'serbian'
        WHEN 'es' THEN 'spanish' WHEN 'sv' THEN 'swedish' WHEN 'ta' THEN 'tamil'
        WHEN 'tr' THEN 'turkish' WHEN 'yi' THEN 'yiddish' ELSE 'simple'
    END::regconfig;
COMMENT ON FUNCTION search_config IS 'The text search configuration for a language; "simple" where Postgres has none of its own.';

CREATE FUNCTION search_words(text text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN regexp_replace(text, '([\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3040-\u30FF\u3400-\u4DBF\u4E00-\u9FFF])', ' \1 ', 'g');
COMMENT ON FUNCTION search_words IS 'Text with each character of a script without spaces as a word of its own, so that it can be searched.';

CREATE FUNCTION change_kind(was text, becomes text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH old AS (
        SELECT word FROM regexp_split_to_table(search_words(was), '\s+') word WHERE word <> ''
    ), new AS (
        SELECT word FROM regexp_split_to_table(search_words(becomes), '\s+') word WHERE word <> ''
    ), changed AS (
        (SELECT word FROM old EXCEPT ALL SELECT word FROM new)
        UNION ALL
        (SELECT word FROM new EXCEPT ALL SELECT word FROM old)
    )
    SELECT CASE WHEN array(SELECT word FROM old) = array(SELECT word FROM new) THEN 'boilerplate'
                WHEN bool_or(word ~ '\d')
                    OR count(*) > 0.02 * ((SELECT count(*) FROM old) + (SELECT count(*) FROM new)) THEN 'material'
                ELSE 'minor' END
    FROM changed;
END;
COMMENT ON FUNCTION change_kind IS 'What a change of a text is: boilerplate (no word of it, nor their order), material (a number, or more than 2 % of the words), else minor.';

CREATE FUNCTION without_lines(said text, cuts text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT string_agg(line, E'\n') FROM regexp_split_to_table(said, '\n') line WHERE line <> ALL(cuts));
COMMENT ON FUNCTION without_lines IS 'A text without the lines that another reading of it took for boilerplate.';

CREATE TABLE revision (
    article_id          bigint NOT NULL REFERENCES article ON DELETE CASCADE,
    number              integer NOT NULL CHECK (number >= 1),
    kind                text NOT NULL CHECK (kind IN ('first', 'boilerplate', 'minor', 'material')),
    page_id             bigint NOT NULL REFERENCES page,
    at                  timestamptz NOT NULL,
    title               text,
    text                text NOT NULL,
    signed_text         text,
    description         text,
    authors             text[] NOT NULL,
    published_at        timestamptz CHECK (isfinite(published_at)),
    published_precision text CHECK (published_precision IN ('day', 'minute', 'second')),
    published_zoned     boolean,
    published_source    text,
    published_raw       text,
    modified_at         timestamptz CHECK (isfinite(modified_at)),
    agency              text,
    agency_evidence     text,
    section             text,
    language            text,
    canonical_url       text,
    image               text,
    form                text NOT NULL CHECK (form IN ('article', 'teaser', 'live', 'gallery', 'video')),
    extractor           text NOT NULL,
    confidence          real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    sources             jsonb NOT NULL,
    body_sha256         bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
    search              tsvector NOT NULL GENERATED ALWAYS AS (
        -- a tsvector holds at most 1 MB of words, and keeps a hyphenated one whole and in parts
        setweight(to_tsvector(search_config(language), search_words(left(coalesce(title, ''), 1000))), 'A')
        || to_tsvector(search_config(language), search_words(left(text, 80000)))
    ) STORED,
    PRIMARY KEY (article_id, number),
    CHECK ((published_at IS NULL) = (published_precision IS NULL)),
    CHECK ((agency IS NULL) = (agency_evidence IS NULL))
);
CREATE INDEX revision_by_body ON revision (body_sha256);
CREATE INDEX revision_search ON revision USING gin (search);
COMMENT ON TABLE revision IS 'What an article said, each time that it was read and said something else.';
COMMENT ON COLUMN revision.kind IS 'What changed since the one before; boilerplate too where only our reading of the same page did.';
COMMENT ON COLUMN revision.signed_text IS 'The text that copies are found by, where soft boilerplate makes it differ from text; else NULL.';
COMMENT ON COLUMN revision.published_zoned IS 'False where the page named no time zone: published_at then reads it as UTC.';
COMMENT ON COLUMN revision.sources IS 'Where each field was found, by its name: json-ld, h1, a meta tag''s name, site rule, text, or given (by the feed or archive).';
COMMENT ON COLUMN revision.body_sha256 IS 'Of the normalised words of the signed text: equal texts have equal hashes.';

CREATE TABLE cut (
    article_id bigint NOT NULL,
    revision   integer NOT NULL,
    number     integer NOT NULL CHECK (number >= 1),
    line       integer NOT NULL CHECK (line >= 0),
    kind       text NOT NULL,
    text       text NOT NULL,
    soft       boolean NOT NULL,
    PRIMARY KEY (article_id, revision, number),
    FOREIGN KEY (article_id, revision) REFERENCES revision ON DELETE CASCADE
);
COMMENT ON TABLE cut IS 'Each line that was taken for boilerplate, and by which kind of rule; soft ones are still in the text.';

CREATE TABLE outlet_line (
    outlet_id bigint NOT NULL REFERENCES outlet,
    hash      bigint NOT NULL,
    text      text NOT NULL,
    stories   bigint[] NOT NULL,
    spared    boolean NOT NULL DEFAULT false,
    last_seen date NOT NULL,
    PRIMARY KEY (outlet_id, hash)
);
COMMENT ON TABLE outlet_line IS 'Lines that stand at the edges of an outlet''s texts: one that stands in enough stories is the outlet''s boilerplate.';
COMMENT ON COLUMN outlet_line.stories IS 'The first stories that it stood in: stories, not URLs, so that one text on many pages teaches nothing.';
COMMENT ON COLUMN outlet_line.spared IS 'A person said that it is text: it is never cut.';

CREATE TABLE repeated_text (
    outlet_id   bigint NOT NULL REFERENCES outlet,
    body_sha256 bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (outlet_id, body_sha256)
);
COMMENT ON TABLE repeated_text IS 'Texts that stand at too many addresses of one outlet (extract.same_text): no articles, whatever they say.';

CREATE TABLE reread (
    article_id bigint PRIMARY KEY REFERENCES article ON DELETE CASCADE,
    next_at    timestamptz NOT NULL DEFAULT now() CHECK (isfinite(next_at)),
    tries      integer NOT NULL DEFAULT 0 CHECK (tries >= 0)
);
CREATE INDEX reread_due ON reread (next_at);
COMMENT ON TABLE reread IS 'Articles whose stored page is to be read again, because of what was learned since.';
COMMENT ON COLUMN reread.next_at IS 'When it is due; while somebody reads it, when that lease ends: it holds as long as this time stands.';
COMMENT ON COLUMN reread.tries IS 'How often it was claimed since: each lease is twice as long as the one before.';

-- ── what articles are found by ─────────────────────────────────────────────────────────────────

CREATE TABLE signature (
    article_id   bigint PRIMARY KEY REFERENCES article ON DELETE CASCADE,
    scheme       text NOT NULL,
    permutations smallint NOT NULL,
    seed_id      integer NOT NULL,
    shingler     text NOT NULL,
    vocabulary   text NOT NULL,
    day          date NOT NULL,
    tokens       integer NOT NULL CHECK (tokens >= 0),
    hashes       bytea NOT NULL,
    terms        bytea NOT NULL,
    weights      bytea NOT NULL,
    term_keys    integer[] NOT NULL,
    CHECK (octet_length(terms) = 2 * octet_length(weights))
);
COMMENT ON TABLE signature IS 'The MinHash signature and term vector of an article''s present revision, with the scheme they were made by.';
COMMENT ON COLUMN signature.terms IS 'The hashes of the vector''s terms, little-endian signed 64-bit, ascending; weights are float32.';
COMMENT ON COLUMN signature.term_keys IS 'The low 32 bits of the hashes of its most telling terms, most telling first.';
COMMENT ON COLUMN signature.hashes IS 'The signature''s values, little-endian unsigned 64-bit; empty where the text is too short to sign. Placing asks the keys alone; this stays when they are dropped, for datasketch: MinHash(hashvalues=..., scheme=''affine64'') tells how alike any two articles are.';

-- Partitioned by the day of arrival, so that old days are dropped whole. No foreign keys to article:
-- what drops a day must not look at each of its articles.
CREATE TABLE signature_key (
    day        date NOT NULL,
    article_id bigint NOT NULL,
    keys       bigint[] NOT NULL
) PARTITION BY RANGE (day);
-- An inverted index: most keys stand in one article alone, and there it takes half of what rows would.
CREATE INDEX signature_key_lookup ON signature_key USING gin (keys) WITH (fastupdate = off);
CREATE INDEX signature_key_by_article ON signature_key (article_id);
COMMENT ON TABLE signature_key IS 'One key for each value of an article''s signature: articles that share one are candidates for copies.';

CREATE TABLE stop_key (
    key         bigint PRIMARY KEY,
    day         date NOT NULL,
    article_ids bigint[] NOT NULL
);
COMMENT ON TABLE stop_key IS 'Signature keys that too many articles bear: boilerplate, or a very large story. For a window from that day they are neither kept nor looked up.';
COMMENT ON COLUMN stop_key.article_ids IS 'The first articles that bore it: whoever bears it is compared with these instead.';

-- In this order, and with keys of 32 bits, a row takes 44 bytes instead of 52. Two terms that share a key by
-- accident make no candidates: that takes a second shared term.
CREATE TABLE term_key (
    article_id bigint NOT NULL,
    key        integer NOT NULL,
    day        date NOT NULL
) PARTITION BY RANGE (day);
-- Read backwards it gives a term's newest articles without the others, however many there are; a day's
-- articles are one entry.
CREATE INDEX term_key_lookup ON term_key (key, day);
COMMENT ON TABLE term_key IS 'One row for each of an article''s most telling terms: articles that share two are candidates for one event.';

CREATE FUNCTION key_week(parent text, arrival date) RETURNS text
    LANGUAGE sql STABLE
    RETURN parent || to_char(date_trunc('week', arrival), '_YYYYMMDD');
COMMENT ON FUNCTION key_week IS 'The name of the partition that holds the keys of an arrival on a day: it ends in that week''s Monday.';
CREATE FUNCTION ensure_key_week(arrival date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    monday date := date_trunc('week', arrival);
    parent text;
    part   text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['signature_key', 'term_key'] LOOP
        part := key_week(parent, arrival);
        IF to_regclass(part) IS NULL THEN
            -- attaching leaves readers and a pg_dump alone, where PARTITION OF would wait for them
            EXECUTE format('CREATE TABLE %I (LIKE %I)', part, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent, part, monday, monday + 7);
        END IF;
    END LOOP;
END $$;
CREATE FUNCTION drop_key_weeks(before date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    part    regclass;
    dropped integer := 0;
BEGIN
    FOR part IN
        SELECT inhrelid::regclass FROM pg_inherits
        WHERE inhparent IN ('signature_key'::regclass, 'term_key'::regclass)
            AND to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD') + 7 <= before
    LOOP
        EXECUTE format('DROP TABLE %s', part);
        dropped := dropped + 1;
    END LOOP;
    DELETE FROM stop_key WHERE day < before;
    RETURN dropped;
END $$;
COMMENT ON FUNCTION drop_key_weeks IS 'Drops the key partitions of the weeks that ended before a day: articles that arrived then are no candidates any more.';
COMMENT ON FUNCTION ensure_key_week IS 'Makes the key partitions of the week of a day where they are missing.';

-- ── groups ─────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE relation (
    a_id          bigint NOT NULL REFERENCES article ON DELETE CASCADE,
    b_id          bigint NOT NULL REFERENCES article ON DELETE CASCADE,
    kind          text NOT NULL CHECK (kind IN ('identical', 'copy', 'partial', 'same_event')),
    story_score   real NOT NULL CHECK (story_score BETWEEN 0 AND 1),
    event_score   real NOT NULL CHECK (event_score BETWEEN 0 AND 1),
    containment_a real NOT NULL CHECK (containment_a BETWEEN 0 AND 1),
    containment_b real NOT NULL CHECK (containment_b BETWEEN 0 AND 1),
    jaccard       real NOT NULL CHECK (jaccard BETWEEN 0 AND 1),
    shared        integer NOT NULL CHECK (shared >= 0),
    containment3  real NOT NULL CHECK (containment3 BETWEEN 0 AND 1),
    lead3         real NOT NULL CHECK (lead3 BETWEEN 0 AND 1),
    passages      jsonb NOT NULL,
    rule          text NOT NULL,
    at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (a_id, b_id),
    CHECK (a_id < b_id)
);
CREATE INDEX relation_by_b ON relation (b_id);
COMMENT ON TABLE relation IS 'Why two articles belong together, with the evidence: scores, shared passages, the rule''s version.';
COMMENT ON COLUMN relation.containment_a IS 'The share of a''s word-5-shingles that stand in b.';
COMMENT ON COLUMN relation.passages IS 'Of copies, whole or partial: shared runs of words, as [a_start, a_end, b_start, b_end], character offsets into the signed texts.';

CREATE TABLE decision (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    a_id         bigint NOT NULL REFERENCES article ON DELETE CASCADE,
    b_id         bigint NOT NULL REFERENCES article ON DELETE CASCADE,
    kind         text NOT NULL CHECK (kind IN ('join', 'split')),
    reason       text NOT NULL CHECK (reason <> ''),
    at           timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz,
    CHECK (a_id < b_id)
);
CREATE UNIQUE INDEX decision_in_force ON decision (a_id, b_id) WHERE withdrawn_at IS NULL;
CREATE INDEX decision_by_b ON decision (b_id) WHERE withdrawn_at IS NULL;
COMMENT ON TABLE decision IS 'A person''s word on two articles, one story or never one: it holds through all grouping until it is withdrawn.';
COMMENT ON COLUMN decision.withdrawn_at IS 'When it was withdrawn, or another decision on the pair took its place; NULL while it is in force.';

CREATE TABLE story_history (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    story_id   bigint NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('created', 'joined', 'left', 'canonical', 'merged')),
    article_id bigint,
    other_id   bigint,
    reason     text NOT NULL
);
CREATE INDEX story_history_by_story ON story_history (story_id, at);
COMMENT ON TABLE story_history IS 'What befell a story: articles joined and left, another became canonical, it was merged.';
COMMENT ON COLUMN story_history.other_id IS 'The story that an article came from or went to, that this one was merged into; for "canonical" the former canonical article.';

CREATE TABLE story_redirect (
    old_id   bigint PRIMARY KEY,
    story_id bigint NOT NULL,
    at       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE story_redirect IS 'Ids of stories that were merged, and where they went.';

CREATE TABLE event_history (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    event_id bigint NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('joined', 'left', 'merged')),
    story_id bigint,
    other_id bigint NOT NULL,
    reason   text NOT NULL,
    CHECK ((kind = 'merged') = (story_id IS NULL))
);
CREATE INDEX event_history_by_event ON event_history (event_id, at);
COMMENT ON TABLE event_history IS 'What befell an event: stories came from another one or left for it, it was merged. That a new story reports it is told by the story.';
COMMENT ON COLUMN event_history.other_id IS 'The event that a story came from or went to, that this one was merged into.';

CREATE TABLE event_redirect (
    old_id   bigint PRIMARY KEY,
    event_id bigint NOT NULL,
    at       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE event_redirect IS 'Ids of events that were merged, and where they went.';

-- ── what people query ──────────────────────────────────────────────────────────────────────────

CREATE VIEW canonical_story AS
SELECT s.id AS story_id,
       s.event_id,
       a.id AS article_id,
       r.title,
       r.text,
       a.url,
       coalesce(o.name, o.host) AS outlet,
       r.language,
       r.form,
       nullif(array_to_string(r.authors, ', '), '') AS author,
       r.agency,
       r.published_at,
       c.first_seen_at,
       c.copies,
       c.outlets
FROM story s
JOIN article a ON a.id = s.canonical_article_id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN outlet o ON o.id = a.outlet_id
CROSS JOIN LATERAL (
    SELECT count(*) AS copies, count(DISTINCT m.outlet_id) AS outlets, min(m.first_seen_at) AS first_seen_at
    FROM article m WHERE m.story_id = s.id
) c;
COMMENT ON VIEW canonical_story IS 'One row a story: the text of its canonical article, and how widely it ran.';
COMMENT ON COLUMN canonical_story.story_id IS 'The story; stays the same while copies come and go (merged ones: story_redirect).';
COMMENT ON COLUMN canonical_story.event_id IS 'The event that the story reports.';
COMMENT ON COLUMN canonical_story.article_id IS 'The canonical article.';
COMMENT ON COLUMN canonical_story.title IS 'Its headline; NULL where the page has none.';
COMMENT ON COLUMN canonical_story.text IS 'Its text, paragraphs separated by a blank line, boilerplate cut.';
COMMENT ON COLUMN canonical_story.url IS 'Where it stands.';
COMMENT ON COLUMN canonical_story.outlet IS 'Who published it: the name that it gives itself, else its host.';
COMMENT ON COLUMN canonical_story.language IS 'Of the text, as a BCP 47 code.';
COMMENT ON COLUMN canonical_story.form IS 'article; teaser (short, before a wall); live (a live blog); gallery or video (pictures or a film, with text).';
COMMENT ON COLUMN canonical_story.author IS 'The people named as its authors, separated by commas.';
COMMENT ON COLUMN canonical_story.copies IS 'How many articles carry the story, the canonical one included.';
COMMENT ON COLUMN canonical_story.outlets IS 'How many outlets carry it.';
COMMENT ON COLUMN canonical_story.first_seen_at IS 'When its first article was seen here, whatever the pages claim.';
COMMENT ON COLUMN canonical_story.published_at IS 'As the canonical article claims; NULL where it claims nothing.';
COMMENT ON COLUMN canonical_story.agency IS 'The news agency that the canonical article credits.';

CREATE VIEW learned_line AS
SELECT coalesce(o.name, o.host) AS outlet, o.host, l.text, cardinality(l.stories) AS stories, l.spared, l.last_seen
FROM outlet_line l
JOIN outlet o ON o.id = l.outlet_id
WHERE cardinality(l.stories) > 2;
COMMENT ON VIEW learned_line IS 'What was learned of each outlet''s boilerplate.';
COMMENT ON COLUMN learned_line.outlet IS 'The outlet: the name that it gives itself, else its host.';
COMMENT ON COLUMN learned_line.host IS 'Its host.';
COMMENT ON COLUMN learned_line.text IS 'The line, as it was first seen; others that differ in numbers or case count as the same.';
COMMENT ON COLUMN learned_line.stories IS 'How many stories were counted; three make a line boilerplate.';
COMMENT ON COLUMN learned_line.spared IS 'Whether a person said that it is text: then it is not cut.';
COMMENT ON COLUMN learned_line.last_seen IS 'When it last stood in a page.';

CREATE VIEW story_copy AS
SELECT a.story_id,
       a.id AS article_id,
       a.url,
       coalesce(o.name, o.host) AS outlet,
       r.title,
       r.form,
       a.id = s.canonical_article_id AS is_canonical,
       x.kind AS relation,
       x.story_score AS score,
       r.published_at,
       a.first_seen_at,
       coalesce(r.published_at, a.first_seen_at)
           - min(coalesce(r.published_at, a.first_seen_at)) OVER (PARTITION BY a.story_id) AS lag
FROM article a
JOIN story s ON s.id = a.story_id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN outlet o ON o.id = a.outlet_id
LEFT JOIN relation x
    ON x.a_id = least(a.id, s.canonical_article_id) AND x.b_id = greatest(a.id, s.canonical_article_id);
COMMENT ON VIEW story_copy IS 'One row an article: the story it belongs to, and how it relates to the canonical article.';
COMMENT ON COLUMN story_copy.story_id IS 'The story that the article belongs to.';
COMMENT ON COLUMN story_copy.article_id IS 'The article.';
COMMENT ON COLUMN story_copy.url IS 'Where it stands.';
COMMENT ON COLUMN story_copy.outlet IS 'Who published it: the name that it gives itself, else its host.';
COMMENT ON COLUMN story_copy.title IS 'Its headline.';
COMMENT ON COLUMN story_copy.form IS 'article; teaser (short, before a wall); live (a live blog); gallery or video (pictures or a film, with text).';
COMMENT ON COLUMN story_copy.is_canonical IS 'Whether it is the story''s canonical article.';
COMMENT ON COLUMN story_copy.published_at IS 'As its page claims; NULL where it claims nothing.';
COMMENT ON COLUMN story_copy.first_seen_at IS 'When its URL was first seen here.';
COMMENT ON COLUMN story_copy.relation IS 'To the canonical article; NULL for the canonical one itself, and where only a third article or a decision links the two.';
COMMENT ON COLUMN story_copy.score IS 'The story score against the canonical article, 0 to 1.';
COMMENT ON COLUMN story_copy.lag IS 'How long after the story''s first article, by claimed time (first seen where none is claimed).';

CREATE VIEW article_relation AS
WITH told AS (
    SELECT a.id, a.url, coalesce(o.name, o.host) AS outlet, a.story_id, r.agency, a.first_seen_at,
           r.published_at, r.published_precision
    FROM article a
    JOIN revision r ON r.article_id = a.id AND r.number = a.revision
    JOIN outlet o ON o.id = a.outlet_id
), directed AS (
    SELECT a_id AS first_id, b_id AS later_id, containment_a AS share_of_first, containment_b AS share_of_later,
           kind, story_score, event_score, shared, rule
    FROM relation
    UNION ALL
    SELECT b_id, a_id, containment_b, containment_a, kind, story_score, event_score, shared, rule
    FROM relation
)
SELECT x.first_id,
       x.later_id,
       f.url AS first_url,
       l.url AS later_url,
       f.outlet AS first_outlet,
       l.outlet AS later_outlet,
       f.story_id AS first_story_id,
       l.story_id AS later_story_id,
       x.kind AS relation,
       t.lag,
       k.lag_by,
       x.share_of_first,
       x.share_of_later,
       x.shared,
       CASE WHEN f.agency = l.agency THEN f.agency END AS shared_agency,
       x.story_score AS score,
       x.event_score,
       x.rule
FROM directed x
JOIN told f ON f.id = x.first_id
JOIN told l ON l.id = x.later_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN f.published_at IS NULL OR l.published_at IS NULL THEN 'seen'
                WHEN 'day' IN (f.published_precision, l.published_precision) THEN 'day'
                ELSE 'time' END AS lag_by
) k
CROSS JOIN LATERAL (
    SELECT CASE k.lag_by
               WHEN 'seen' THEN l.first_seen_at - f.first_seen_at
               WHEN 'day' THEN date_trunc('day', l.published_at, 'UTC') - date_trunc('day', f.published_at, 'UTC')
               ELSE l.published_at - f.published_at END AS lag
) t
-- of a pair's two directions this holds for one
WHERE (t.lag, l.first_seen_at - f.first_seen_at, l.id - f.id) > (interval '0', interval '0', 0);
COMMENT ON VIEW article_relation IS 'One row for two articles that are related, the earlier one first: who may have taken what from whom.';
COMMENT ON COLUMN article_relation.first_id IS 'The earlier article: by what both claim (lag_by), then by when they were seen here, then by id.';
COMMENT ON COLUMN article_relation.later_id IS 'The later one.';
COMMENT ON COLUMN article_relation.first_url IS 'Where the earlier one stands.';
COMMENT ON COLUMN article_relation.later_url IS 'Where the later one stands.';
COMMENT ON COLUMN article_relation.first_outlet IS 'Who published the earlier one: the name that it gives itself, else its host.';
COMMENT ON COLUMN article_relation.later_outlet IS 'Who published the later one.';
COMMENT ON COLUMN article_relation.first_story_id IS 'The story of the earlier one.';
COMMENT ON COLUMN article_relation.later_story_id IS 'The story of the later one: the same for copies that were grouped together.';
COMMENT ON COLUMN article_relation.relation IS 'identical (the same words); copy (one text, edited); partial (passages of one in the other); same_event (reports of their own).';
COMMENT ON COLUMN article_relation.lag IS 'How long after the earlier one the later one came; 0 where that is not known.';
COMMENT ON COLUMN article_relation.lag_by IS 'What the lag is taken from: time (both claim one), day (both claim a day, one of them no more), seen (one claims nothing: when each was first seen here).';
COMMENT ON COLUMN article_relation.share_of_first IS 'The share of the earlier text''s five-word runs that stand in the later one, 0 to 1.';
COMMENT ON COLUMN article_relation.share_of_later IS 'The share of the later text''s five-word runs that stand in the earlier one: how much of it is not its own.';
COMMENT ON COLUMN article_relation.shared IS 'How many different five-word runs stand in both.';
COMMENT ON COLUMN article_relation.shared_agency IS 'The news agency that both credit, so that neither need have it from the other; NULL where there is none.';
COMMENT ON COLUMN article_relation.score IS 'The story score, 0 to 1.';
COMMENT ON COLUMN article_relation.event_score IS 'The event score, 0 to 1.';
COMMENT ON COLUMN article_relation.rule IS 'The version of the rule that judged.';

CREATE VIEW story_decision AS
SELECT d.id AS decision_id,
       d.kind,
       a.id AS a_id,
       b.id AS b_id,
       a.url AS a_url,
       b.url AS b_url,
       a.story_id AS a_story_id,
       b.story_id AS b_story_id,
       d.reason,
       d.at,
       d.withdrawn_at
FROM decision d
JOIN article a ON a.id = d.a_id
JOIN article b ON b.id = d.b_id;
COMMENT ON VIEW story_decision IS 'One row a person''s decision on two articles: one story (join), or never one (split).';
COMMENT ON COLUMN story_decision.decision_id IS 'The decision; a higher number is a later one.';
COMMENT ON COLUMN story_decision.kind IS 'join: the two are one story, whatever their texts; split: no story holds both.';
COMMENT ON COLUMN story_decision.a_id IS 'One article.';
COMMENT ON COLUMN story_decision.b_id IS 'The other one.';
COMMENT ON COLUMN story_decision.a_url IS 'Where the one stands.';
COMMENT ON COLUMN story_decision.b_url IS 'Where the other stands.';
COMMENT ON COLUMN story_decision.a_story_id IS 'The story that the one is in now.';
COMMENT ON COLUMN story_decision.b_story_id IS 'The story that the other is in now; a join yields to a split that stands between the two.';
COMMENT ON COLUMN story_decision.reason IS 'Why, as whoever decided it said.';
COMMENT ON COLUMN story_decision.at IS 'When it was decided.';
COMMENT ON COLUMN story_decision.withdrawn_at IS 'When it was withdrawn or replaced; NULL while it is in force.';

CREATE VIEW event_overview AS
SELECT e.id AS event_id,
       t.title,
       c.stories,
       c.articles,
       c.outlets,
       c.first_published_at,
       c.last_published_at
FROM event e
CROSS JOIN LATERAL (
    SELECT count(DISTINCT s.id) AS stories, count(*) AS articles, count(DISTINCT a.outlet_id) AS outlets,
           min(r.published_at) AS first_published_at, max(r.published_at) AS last_published_at
    FROM story s
    JOIN article a ON a.story_id = s.id
    JOIN revision r ON r.article_id = a.id AND r.number = a.revision
    WHERE s.event_id = e.id
) c
LEFT JOIN LATERAL (
    SELECT r.title
    FROM story s
    JOIN article a ON a.id = s.canonical_article_id
    JOIN revision r ON r.article_id = a.id AND r.number = a.revision
    WHERE s.event_id = e.id AND r.title IS NOT NULL
    ORDER BY (SELECT count(*) FROM article m WHERE m.story_id = s.id) DESC, r.published_at NULLS LAST, a.url
    LIMIT 1
) t ON true;
COMMENT ON VIEW event_overview IS 'One row an event: how many stories, articles and outlets report it, and when.';
COMMENT ON COLUMN event_overview.event_id IS 'The event (merged ones: event_redirect).';
COMMENT ON COLUMN event_overview.stories IS 'How many stories report it: texts of their own.';
COMMENT ON COLUMN event_overview.articles IS 'How many articles carry these stories.';
COMMENT ON COLUMN event_overview.outlets IS 'How many outlets carry them.';
COMMENT ON COLUMN event_overview.first_published_at IS 'The earliest time that one of its articles claims.';
COMMENT ON COLUMN event_overview.last_published_at IS 'The latest.';
COMMENT ON COLUMN event_overview.title IS 'The headline of its most widely run story.';

CREATE VIEW article_history AS
SELECT a.id AS article_id,
       a.story_id,
       a.url,
       coalesce(o.name, o.host) AS outlet,
       h.at,
       h.kind,
       h.revision,
       h.title,
       h.text
FROM article a
JOIN outlet o ON o.id = a.outlet_id
CROSS JOIN LATERAL (
    SELECT r.at, r.kind, r.number AS revision, r.title, r.text FROM revision r WHERE r.article_id = a.id
    UNION ALL
    SELECT a.gone_at, 'gone', NULL, NULL, NULL WHERE a.gone_at IS NOT NULL
    UNION ALL
    SELECT lower(away), 'gone', NULL, NULL, NULL FROM unnest(a.absences) away
    UNION ALL
    SELECT upper(away), 'back', NULL, NULL, NULL FROM unnest(a.absences) away
) h;
COMMENT ON VIEW article_history IS 'One row for each thing that an article said, and one for each time that it was gone or back.';
COMMENT ON COLUMN article_history.article_id IS 'The article.';
COMMENT ON COLUMN article_history.story_id IS 'Its story.';
COMMENT ON COLUMN article_history.url IS 'Where it stands, or stood.';
COMMENT ON COLUMN article_history.outlet IS 'Who published it: the name that it gives itself, else its host.';
COMMENT ON COLUMN article_history.at IS 'When it was read so: the change was made between the visit before and this one.';
COMMENT ON COLUMN article_history.kind IS 'first; boilerplate (no word of the text changed); minor; material (a number, or more than 2 % of the words); gone; back.';
COMMENT ON COLUMN article_history.revision IS 'The number of the revision; NULL where it is gone, or back.';
COMMENT ON COLUMN article_history.title IS 'Its headline then.';
COMMENT ON COLUMN article_history.text IS 'Its text then.';

CREATE VIEW stale_copy AS
SELECT a.story_id,
       a.id AS article_id,
       a.url,
       coalesce(o.name, o.host) AS outlet,
       c.id AS canonical_id,
       c.url AS canonical_url,
       max(m.at) AS corrected_at,
       array_agg(DISTINCT l.sentence) AS sentences
FROM story s
JOIN article c ON c.id = s.canonical_article_id
JOIN revision n ON n.article_id = c.id AND n.number = c.revision
JOIN revision m ON m.article_id = c.id AND m.kind = 'material'
JOIN revision w ON w.article_id = c.id AND w.number = m.number - 1
CROSS JOIN LATERAL regexp_split_to_table(w.text, '(?<=[.!?])\s+|(?<=[。！？])|\n+') AS l (sentence)
JOIN article a ON a.story_id = s.id AND a.id <> c.id
JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN outlet o ON o.id = a.outlet_id
WHERE length(l.sentence) >= 20 AND strpos(n.text, l.sentence) = 0 AND strpos(r.text, l.sentence) > 0
GROUP BY a.story_id, a.id, a.url, o.name, o.host, c.id, c.url;
COMMENT ON VIEW stale_copy IS 'Copies that still say what the story''s canonical article has corrected since.';
COMMENT ON COLUMN stale_copy.story_id IS 'The story.';
COMMENT ON COLUMN stale_copy.article_id IS 'The copy.';
COMMENT ON COLUMN stale_copy.url IS 'Where the copy stands.';
COMMENT ON COLUMN stale_copy.outlet IS 'Who published the copy: the name that it gives itself, else its host.';
COMMENT ON COLUMN stale_copy.canonical_id IS 'The canonical article.';
COMMENT ON COLUMN stale_copy.canonical_url IS 'Where the canonical article stands.';
COMMENT ON COLUMN stale_copy.corrected_at IS 'When its last material change was seen.';
COMMENT ON COLUMN stale_copy.sentences IS 'The sentences that the canonical article no longer has and the copy still has.';

CREATE VIEW url_fate AS
SELECT e.url,
       CASE WHEN e.state IN ('stored', 'duplicate') THEN 'store' ELSE coalesce(e.step, 'fetch') END AS stage,
       e.state AS status,
       CASE WHEN e.state IN ('stored', 'duplicate') THEN NULL ELSE e.reason END AS reason,
       CASE WHEN e.state IN ('stored', 'duplicate') THEN NULL ELSE e.last_error END AS detail,
       e.changed_at AS at,
       e.first_seen_at,
       e.attempts,
       CASE WHEN e.state = 'pending' THEN e.next_at END AS next_at,
       e.article_id
FROM entry e;
COMMENT ON VIEW url_fate IS 'One row a URL ever seen: seen = stored + duplicate + skipped + quarantined + pending, exactly.';
COMMENT ON COLUMN url_fate.url IS 'The URL, in its canonical spelling.';
COMMENT ON COLUMN url_fate.reason IS 'Why it gave no article (yet): one word.';
COMMENT ON COLUMN url_fate.detail IS 'The same in the words of whoever refused.';
COMMENT ON COLUMN url_fate.at IS 'When this became so.';
COMMENT ON COLUMN url_fate.first_seen_at IS 'When the URL was first seen, in a feed or an import.';
COMMENT ON COLUMN url_fate.attempts IS 'How often it was claimed since it last succeeded.';
COMMENT ON COLUMN url_fate.article_id IS 'Its article, where one is held.';
COMMENT ON COLUMN url_fate.stage IS 'How far it came: fetch, parse, extract or store.';
COMMENT ON COLUMN url_fate.status IS 'stored; duplicate (its article is held under another URL); skipped or quarantined (see reason); pending.';
COMMENT ON COLUMN url_fate.next_at IS 'When a pending URL is tried next.';

CREATE FUNCTION search_stories(query text, most integer DEFAULT 50)
    RETURNS TABLE (story_id bigint, event_id bigint, article_id bigint, title text, url text, outlet text,
                   language text, published_at timestamptz, rank real, excerpt text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH
    -- a query is read in each language, so that the index can serve it
    language AS MATERIALIZED (
        SELECT c.oid::regconfig AS config FROM pg_catalog.pg_ts_config c
        WHERE c.cfgnamespace = 'pg_catalog'::regnamespace
    ),
    found AS (
        SELECT s.id AS story_id, s.event_id, a.id AS article_id, r.title, r.text, a.url,
               coalesce(o.name, o.host) AS outlet, r.language, r.published_at,
               ts_rank(r.search, q.query) AS rank, l.config, q.query
        FROM language l
        CROSS JOIN LATERAL (SELECT websearch_to_tsquery(l.config, search_words(search_stories.query)) AS query) q
        JOIN revision r ON r.search @@ q.query AND search_config(r.language) = l.config
        JOIN article a ON a.id = r.article_id AND a.revision = r.number
        JOIN story s ON s.canonical_article_id = a.id
        JOIN outlet o ON o.id = a.outlet_id
        ORDER BY rank DESC, a.url
        LIMIT search_stories.most
    )
    SELECT f.story_id, f.event_id, f.article_id, f.title, f.url, f.outlet, f.language, f.published_at, f.rank,
           ts_headline(f.config, left(f.text, 20000), f.query, 'MaxFragments=1, MaxWords=30, MinWords=10')
    FROM found f
    ORDER BY f.rank DESC, f.url;
END;
COMMENT ON FUNCTION search_stories IS 'Canonical stories that match a web-search query ("exact phrase", or, -not), best first, each read in its own language.';
