-- The first schema: people, sign-ins, submissions, the ledger and the leaderboards that follow from it.
-- Times are milliseconds since the Unix epoch, UTC. Ids are UUIDs in their 36-character form.

CREATE TABLE users (
    id           TEXT NOT NULL PRIMARY KEY,
    name         TEXT NOT NULL,
    name_key     TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL CHECK (role IN ('learner', 'mentor', 'admin')),
    kind         TEXT NOT NULL CHECK (kind IN ('guest', 'github')),
    -- GitHub's number, an unsigned one kept in a signed column bit for bit.
    github_id    INTEGER UNIQUE,
    github_login TEXT,
    time_zone    TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    CHECK (kind = 'github' OR github_id IS NULL),
    CHECK ((github_id IS NULL) = (github_login IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE auth_sessions (
    id          TEXT NOT NULL PRIMARY KEY,
    user_id     TEXT NOT NULL REFERENCES users (id),
    secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX auth_sessions_by_user ON auth_sessions (user_id);
CREATE INDEX auth_sessions_by_expiry ON auth_sessions (expires_at);

CREATE TABLE oauth_flows (
    -- Grows with each flow: the smallest is the oldest.
    seq           INTEGER PRIMARY KEY,
    state_hash    BLOB NOT NULL UNIQUE CHECK (length(state_hash) = 32),
    browser_hash  BLOB NOT NULL CHECK (length(browser_hash) = 32),
    pkce_verifier TEXT NOT NULL,
    next          TEXT NOT NULL,
    -- No reference: the guest may be gone before the flow comes back.
    guest         TEXT,
    expires_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX oauth_flows_by_expiry ON oauth_flows (expires_at);

CREATE TABLE submissions (
    id             TEXT NOT NULL PRIMARY KEY,
    user_id        TEXT NOT NULL REFERENCES users (id),
    challenge_id   TEXT NOT NULL,
    language       TEXT NOT NULL,
    request_key    TEXT,
    status         TEXT NOT NULL CHECK (status IN ('queued', 'running', 'finished')),
    verdict        TEXT CHECK (verdict IN (
        'accepted', 'wrong_answer', 'time_limit_exceeded', 'memory_limit_exceeded',
        'output_limit_exceeded', 'runtime_error', 'compile_error', 'internal_error'
    )),
    score          INTEGER CHECK (score BETWEEN 0 AND 100),
    total_tests    INTEGER CHECK (total_tests >= 0),
    time_ms        INTEGER CHECK (time_ms >= 0),
    memory_kb      INTEGER CHECK (memory_kb >= 0),
    xp_awarded     INTEGER NOT NULL DEFAULT 0 CHECK (xp_awarded >= 0),
    created_at     INTEGER NOT NULL,
    finished_at    INTEGER,
    -- The long texts stand last, so that the short columns are read without them.
    compile_output TEXT,
    tests          TEXT CHECK (json_type(tests) = 'array'),
    code           TEXT NOT NULL,
    UNIQUE (user_id, request_key),
    CHECK ((status = 'finished') = (
        verdict IS NOT NULL AND score IS NOT NULL AND total_tests IS NOT NULL AND time_ms IS NOT NULL
        AND memory_kb IS NOT NULL AND tests IS NOT NULL AND finished_at IS NOT NULL
    ))
) STRICT;

CREATE INDEX submissions_by_user ON submissions (user_id, id);
CREATE INDEX submissions_by_challenge ON submissions (user_id, challenge_id, id, verdict);
CREATE INDEX submissions_unfinished ON submissions (id) WHERE status <> 'finished';
CREATE INDEX submissions_unfinished_by_user ON submissions (user_id) WHERE status <> 'finished';

CREATE TABLE ledger (
    user_id       TEXT NOT NULL REFERENCES users (id),
    challenge_id  TEXT NOT NULL,
    reason        TEXT NOT NULL CHECK (reason = 'solved' OR reason GLOB 'practice:????-??-??'),
    language      TEXT NOT NULL,
    xp            INTEGER NOT NULL CHECK (xp >= 0),
    submission_id TEXT NOT NULL REFERENCES submissions (id),
    at            INTEGER NOT NULL,
    -- The leaderboard periods of `at`, so that their sums are index lookups: '2026-11' and '2026-W47'.
    month         TEXT NOT NULL,
    week          TEXT NOT NULL,
    PRIMARY KEY (user_id, challenge_id, reason)
) STRICT, WITHOUT ROWID;

CREATE INDEX ledger_by_time ON ledger (user_id, at DESC);
CREATE INDEX ledger_solved ON ledger (user_id, at DESC, challenge_id, language, xp) WHERE reason = 'solved';
CREATE INDEX ledger_by_language ON ledger (user_id, language, xp, at) WHERE xp > 0;
CREATE INDEX ledger_by_month ON ledger (user_id, month, language, xp, at) WHERE xp > 0;
CREATE INDEX ledger_by_week ON ledger (user_id, week, language, xp, at) WHERE xp > 0;

-- A projection of the ledger: always set to its sums, never added to.
CREATE TABLE standings (
    scope      TEXT NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users (id),
    xp         INTEGER NOT NULL CHECK (xp > 0),
    reached_at INTEGER NOT NULL,
    PRIMARY KEY (scope, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX standings_in_order ON standings (scope, xp DESC, reached_at, user_id);
CREATE INDEX standings_by_user ON standings (user_id);

-- One row that readiness checks write to.
CREATE TABLE heartbeat (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    beats INTEGER NOT NULL
) STRICT;

INSERT INTO heartbeat (id, beats) VALUES (1, 0);
