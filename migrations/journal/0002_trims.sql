-- Records of sessions that are not recorded lose their beginning; readiness checks write here, too.

-- Up to where records were forgotten. Their rows begin right after that, and their snapshots are not older.
CREATE TABLE trims (
    session BLOB NOT NULL PRIMARY KEY CHECK (length(session) = 16),
    -- The last forgotten entry.
    upto    INTEGER NOT NULL CHECK (upto > 0),
    -- As in the other tables, of no data.
    sum     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row that readiness checks write to.
CREATE TABLE heartbeat (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    beats INTEGER NOT NULL
) STRICT;

INSERT INTO heartbeat (id, beats) VALUES (1, 0);
