-- How far the journal of a live account was taken into these tables: the number of the last entry whose rows are in. It
-- is written with the rows, in one transaction, so that the start can store what is missing, each entry once.
CREATE TABLE journal_mark (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO journal_mark (one, seq) VALUES (1, 0);
