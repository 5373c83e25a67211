-- Appends go to a log of their own first, see journal/log; this says what of it has come here.

-- One row. Frames of the log up to this number are in the tables above, those after it are not.
CREATE TABLE log (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    folded INTEGER NOT NULL CHECK (folded >= 0)
) STRICT;

INSERT INTO log (id, folded) VALUES (1, 0);
