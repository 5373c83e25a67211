-- Rows of `batches` may be compressed, which older programs cannot read, see journal/packed.rs.

-- Up to where rows are as large and as small as they will be. Kept so that compaction does not look at them again; a row that
-- is missing here, or says too much or too little, costs some work or some room and nothing else.
CREATE TABLE packed (
    session BLOB NOT NULL PRIMARY KEY CHECK (length(session) = 16),
    -- The last entry of the last such row.
    upto    INTEGER NOT NULL CHECK (upto > 0)
) STRICT, WITHOUT ROWID;
