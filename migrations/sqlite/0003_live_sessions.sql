-- Live sessions: who takes part in them, and the links by which they came in. Their texts are in the journal.

CREATE TABLE live_sessions (
    id            TEXT NOT NULL PRIMARY KEY,
    title         TEXT NOT NULL CHECK (length(title) <= 80),
    -- Always a participant who takes part: nobody can send them out.
    creator       TEXT NOT NULL REFERENCES users (id),
    challenge_id  TEXT,
    language      TEXT NOT NULL,
    policy        TEXT NOT NULL CHECK (policy IN ('free', 'driver')),
    recording     TEXT NOT NULL CHECK (recording IN ('on', 'off')),
    timer_ends_at INTEGER,
    created_at    INTEGER NOT NULL,
    ended_at      INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX live_sessions_by_creator ON live_sessions (creator);

CREATE TABLE live_invitations (
    -- Grows with time: the largest is the newest.
    id          TEXT NOT NULL PRIMARY KEY,
    session_id  TEXT NOT NULL REFERENCES live_sessions (id),
    -- Not unique: several links into a session may have one secret, and several need none.
    secret_hash BLOB CHECK (length(secret_hash) = 32),
    part        TEXT NOT NULL CHECK (part IN ('driver', 'navigator', 'mentor', 'viewer')),
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    revoked_at  INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX live_invitations_in_order ON live_invitations (session_id, id) WHERE revoked_at IS NULL;

CREATE TABLE live_participants (
    -- Grows with each: the order in which they came.
    seq                INTEGER PRIMARY KEY,
    session_id         TEXT NOT NULL REFERENCES live_sessions (id),
    user_id            TEXT NOT NULL REFERENCES users (id),
    -- Of those who were sent out: what they were.
    part               TEXT NOT NULL CHECK (part IN ('driver', 'navigator', 'mentor', 'viewer')),
    joined_at          INTEGER NOT NULL,
    -- How they came in, last. NULL for who made the session, unless they had come in before they turned out to be its maker.
    invitation_id      TEXT REFERENCES live_invitations (id),
    -- NULL while they take part.
    sent_out_at        INTEGER,
    -- The session's, which never changes, so that a person's sessions are walked in order.
    session_created_at INTEGER NOT NULL,
    UNIQUE (session_id, user_id)
) STRICT;

CREATE INDEX live_participants_in_order ON live_participants (session_id, seq);
CREATE INDEX live_participants_present ON live_participants (session_id, seq) WHERE sent_out_at IS NULL;
-- There is one keyboard.
CREATE UNIQUE INDEX live_participants_driver ON live_participants (session_id)
    WHERE part = 'driver' AND sent_out_at IS NULL;
CREATE INDEX live_participants_by_user ON live_participants (user_id, session_created_at, session_id);
CREATE INDEX live_participants_by_invitation ON live_participants (invitation_id) WHERE invitation_id IS NOT NULL;
