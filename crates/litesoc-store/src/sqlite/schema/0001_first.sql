-- The first schema. Times are milliseconds since the Unix epoch, ids 16 bytes, organisations their small number.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The cursor of the detector; the highest place ever given that a purge may have removed; the secret of the text keys.
INSERT INTO meta VALUES ('cursor', 0), ('last_seq', 0), ('text_key_0', random()), ('text_key_1', random());

CREATE TABLE organizations (
    ref        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    plan       TEXT NOT NULL,
    settings   TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE keys (
    number       INTEGER PRIMARY KEY,
    organization INTEGER NOT NULL REFERENCES organizations,
    id           BLOB NOT NULL UNIQUE,
    hash         BLOB NOT NULL UNIQUE,
    prefix       TEXT NOT NULL,
    name         TEXT NOT NULL,
    created_ms   INTEGER NOT NULL,
    revoked_ms   INTEGER
) STRICT;
CREATE INDEX keys_organization ON keys (organization);

-- `*_key` is a 47-bit keyed hash of the text beside it: indexes over it are small and all entries have one size.
CREATE TABLE events (
    seq             INTEGER PRIMARY KEY,
    organization    INTEGER NOT NULL,
    event_time_ms   INTEGER NOT NULL,
    name_key        INTEGER NOT NULL,
    actor_key       INTEGER,
    original_key    INTEGER,
    id              BLOB NOT NULL,
    severity        TEXT NOT NULL,
    received_ms     INTEGER NOT NULL,
    event_name      TEXT NOT NULL,
    original_event  TEXT,
    actor_id        TEXT,
    actor_email     TEXT,
    actor_name      TEXT,
    target          TEXT,
    user_ip         TEXT,
    server_ip       TEXT,
    severity_detail TEXT,
    metadata        TEXT NOT NULL,
    marks           TEXT
) STRICT;
CREATE UNIQUE INDEX events_id ON events (organization, id);
CREATE INDEX events_time ON events (organization, event_time_ms);
CREATE INDEX events_name ON events (organization, name_key, event_time_ms);
CREATE INDEX events_actor ON events (organization, actor_key, event_time_ms) WHERE actor_key IS NOT NULL;
CREATE INDEX events_original ON events (organization, original_key, event_time_ms) WHERE original_key IS NOT NULL;
-- Most events are `info`, and a page of those is found quickly without an index.
CREATE INDEX events_severity ON events (organization, severity, event_time_ms) WHERE severity <> 'info';

-- Events by the hour they happened in, so that an unfiltered list knows its total without counting.
CREATE TABLE event_hours (
    organization INTEGER NOT NULL,
    hour         INTEGER NOT NULL,
    events       INTEGER NOT NULL,
    PRIMARY KEY (organization, hour)
) STRICT, WITHOUT ROWID;

-- Events stored in a month, counted from January of the year zero; purging leaves it.
CREATE TABLE usage (
    organization INTEGER NOT NULL,
    month        INTEGER NOT NULL,
    events       INTEGER NOT NULL,
    PRIMARY KEY (organization, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
    number           INTEGER PRIMARY KEY,
    organization     INTEGER NOT NULL,
    id               BLOB NOT NULL,
    alert_type       TEXT NOT NULL,
    severity         TEXT NOT NULL,
    status           TEXT NOT NULL,
    title            TEXT NOT NULL,
    description      TEXT,
    source_ip        TEXT,
    actor_id         TEXT,
    trigger_event_id BLOB,
    first_seen_ms    INTEGER NOT NULL,
    last_seen_ms     INTEGER NOT NULL,
    events           INTEGER NOT NULL,
    sample_event_ids BLOB NOT NULL,
    technique        TEXT,
    fingerprint      TEXT NOT NULL,
    metadata         TEXT NOT NULL,
    created_ms       INTEGER NOT NULL,
    updated_ms       INTEGER NOT NULL,
    resolved_ms      INTEGER,
    resolved_by      TEXT,
    resolution_type  TEXT,
    internal_notes   TEXT
) STRICT;
CREATE UNIQUE INDEX alerts_id ON alerts (organization, id);
CREATE INDEX alerts_time ON alerts (organization, created_ms);
CREATE INDEX alerts_status ON alerts (organization, status, created_ms);
CREATE INDEX alerts_actor ON alerts (organization, actor_id, created_ms);
CREATE INDEX alerts_live ON alerts (last_seen_ms) WHERE status IN ('open', 'acknowledged');

CREATE TABLE suppressions (
    organization INTEGER NOT NULL,
    fingerprint  TEXT NOT NULL,
    until_ms     INTEGER NOT NULL,
    alert_id     BLOB NOT NULL,
    PRIMARY KEY (organization, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    organization    INTEGER NOT NULL,
    at_ms           INTEGER NOT NULL,
    by              TEXT NOT NULL,
    action          TEXT NOT NULL,
    subject         BLOB NOT NULL,
    status_before   TEXT NOT NULL,
    status_after    TEXT NOT NULL,
    resolution_type TEXT,
    notes           TEXT
) STRICT;
CREATE INDEX audit_organization ON audit (organization);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT raise(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    BEGIN SELECT raise(ABORT, 'audit rows are never deleted'); END;
