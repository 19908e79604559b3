-- What was known of the address of the event that raised an alert, as it stands with the event.
ALTER TABLE alerts ADD COLUMN enrichment TEXT;

-- What happened to alerts, for whoever has to be told; a number is never given twice, not even after a purge.
CREATE TABLE notices (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    organization INTEGER NOT NULL,
    alert_id     BLOB NOT NULL,
    kind         TEXT NOT NULL,
    severity     TEXT NOT NULL,
    title        TEXT NOT NULL,
    at_ms        INTEGER NOT NULL
) STRICT;

-- Up to which notice each of those who are told has been told.
CREATE TABLE notice_consumers (
    name      TEXT PRIMARY KEY,
    delivered INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- After which event somebody did something with an alert.
ALTER TABLE audit ADD COLUMN after_seq INTEGER NOT NULL DEFAULT 0;

-- After which event the detector obeyed what somebody did with an alert; the number is the one of the audit row.
CREATE TABLE verdict_places (
    number INTEGER PRIMARY KEY,
    place  INTEGER NOT NULL
) STRICT;
