-- Challenges that did not come with the program. What a challenge is made of is kept once, however many need it.

CREATE TABLE challenge_contents (
    -- SHA-256 over paths and texts.
    hash  BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    -- A JSON object from path to text, packed with zlib.
    files BLOB NOT NULL
) STRICT;

CREATE TABLE challenges (
    id           TEXT NOT NULL PRIMARY KEY,
    title        TEXT NOT NULL CHECK (length(title) <= 200),
    -- Who wrote it here; NULL for one that was imported.
    author       TEXT REFERENCES users (id),
    -- How it was imported; NULL for one that was written here.
    format       TEXT,
    stage        TEXT NOT NULL CHECK (stage IN ('draft', 'published', 'withdrawn')),
    -- The working copy.
    content      BLOB NOT NULL REFERENCES challenge_contents (hash),
    -- What learners see.
    offered      BLOB REFERENCES challenge_contents (hash),
    -- The last verification as JSON; it names its content.
    verification TEXT,
    revision     INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    changed_by   TEXT REFERENCES users (id),
    CHECK ((author IS NULL) <> (format IS NULL)),
    CHECK ((offered IS NOT NULL) = (stage = 'published'))
) STRICT, WITHOUT ROWID;

CREATE INDEX challenges_by_author ON challenges (author) WHERE author IS NOT NULL;
CREATE INDEX challenges_by_changer ON challenges (changed_by) WHERE changed_by IS NOT NULL;
CREATE INDEX challenges_by_content ON challenges (content);
CREATE INDEX challenges_offered ON challenges (offered) WHERE offered IS NOT NULL;

-- Grows with each change of what is offered, so that a running server notices what another process does.
CREATE TABLE challenge_offers (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL
) STRICT;

INSERT INTO challenge_offers (id, revision) VALUES (1, 0);
