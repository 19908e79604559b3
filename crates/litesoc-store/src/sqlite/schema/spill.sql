-- What a detector put aside: the newest row of a key up to a generation is what held when that generation was sealed, null
-- when it had been taken back by then.
CREATE TABLE spilled (
    key        BLOB NOT NULL,
    generation INTEGER NOT NULL,
    state      BLOB,
    PRIMARY KEY (key, generation)
) STRICT, WITHOUT ROWID;
CREATE INDEX spilled_generation ON spilled (generation);

-- The last generation sealed, and the one up to which there is one row for a key.
CREATE TABLE progress (sealed INTEGER NOT NULL, settled INTEGER NOT NULL) STRICT;
INSERT INTO progress VALUES (0, 0);
