-- The first schema of the journal: records of live sessions and their newest snapshots.
-- Ids are UUIDs in their 16 bytes. `sum` is a CRC-32 of the key and the data, see journal/encoding.rs.

-- A row holds entries that were added together. One table and no counters beside it: an append touches one page.
CREATE TABLE batches (
    session BLOB NOT NULL CHECK (length(session) = 16),
    -- The place of its last entry. Whoever reads on from a place finds the row it is in by this.
    last    INTEGER NOT NULL CHECK (last > 0),
    sum     INTEGER NOT NULL,
    data    BLOB NOT NULL,
    PRIMARY KEY (session, last)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots (
    session BLOB NOT NULL PRIMARY KEY CHECK (length(session) = 16),
    -- The last entry it takes in.
    seq     INTEGER NOT NULL CHECK (seq >= 0),
    sum     INTEGER NOT NULL,
    data    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
