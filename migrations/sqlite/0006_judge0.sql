-- Programs handed in over the Judge0 API, kept for a while.

CREATE TABLE judge0_submissions (
    -- Grows with each: the order in which they came.
    seq         INTEGER PRIMARY KEY,
    token       TEXT NOT NULL UNIQUE,
    user_id     TEXT NOT NULL REFERENCES users (id),
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    -- Of both texts.
    bytes       INTEGER NOT NULL CHECK (bytes >= 0),
    -- The long texts stand last, so that the short columns are read without them.
    request     TEXT NOT NULL,
    result      TEXT,
    CHECK ((finished_at IS NULL) = (result IS NULL))
) STRICT;

CREATE INDEX judge0_by_user ON judge0_submissions (user_id, seq, finished_at, bytes);
CREATE INDEX judge0_unfinished ON judge0_submissions (seq, user_id, token) WHERE finished_at IS NULL;
CREATE INDEX judge0_unfinished_by_user ON judge0_submissions (user_id, bytes) WHERE finished_at IS NULL;
CREATE INDEX judge0_by_end ON judge0_submissions (finished_at) WHERE finished_at IS NOT NULL;
