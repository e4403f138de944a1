-- What others are told: written in the transaction of what happened, read by the feed and by webhooks.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
    -- Where it happened; none is the whole group.
    property_id INTEGER REFERENCES properties (id),
    -- Not references: checking them would slow every booking, and an event goes after some weeks.
    guest_id INTEGER,
    other_id INTEGER,
    stay_id INTEGER,
    detail TEXT NOT NULL,
    at TEXT NOT NULL CHECK (julianday(at) IS NOT NULL),
    -- Its place in the feed, given once it is committed: ids do not tell the order of commits.
    position INTEGER CHECK (position > 0),
    -- What is told once only.
    once TEXT
) STRICT;
CREATE UNIQUE INDEX events_by_position ON events (position) WHERE position IS NOT NULL;
CREATE INDEX events_without_position ON events (id) WHERE position IS NULL;
CREATE UNIQUE INDEX events_told_once ON events (once) WHERE once IS NOT NULL;

-- Who is told by a call.
CREATE TABLE webhooks (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
    -- What signs the calls, sealed.
    secret_sealed BLOB NOT NULL,
    -- Kinds of events, separated by ';'; empty is all.
    kinds TEXT NOT NULL,
    all_properties INTEGER NOT NULL CHECK (all_properties IN (0, 1)),
    -- Whether it may be an address of the house's own network.
    allows_private INTEGER NOT NULL CHECK (allows_private IN (0, 1)),
    -- Events up to here were sent, or wait among the deliveries.
    position INTEGER NOT NULL,
    -- Refusals without an acceptance between, since when, and when it is called again.
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failing_since TEXT CHECK (julianday(failing_since) IS NOT NULL OR failing_since IS NULL),
    retry_at TEXT CHECK (julianday(retry_at) IS NOT NULL OR retry_at IS NULL),
    paused_at TEXT CHECK (julianday(paused_at) IS NOT NULL OR paused_at IS NULL),
    -- Nobody: it failed for days.
    paused_by INTEGER REFERENCES users (id),
    last_tried_at TEXT CHECK (julianday(last_tried_at) IS NOT NULL OR last_tried_at IS NULL),
    last_taken_at TEXT CHECK (julianday(last_taken_at) IS NOT NULL OR last_taken_at IS NULL),
    last_answer TEXT,
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL),
    created_by INTEGER NOT NULL REFERENCES users (id),
    CHECK ((failures = 0) = (failing_since IS NULL))
) STRICT;

CREATE TABLE webhook_properties (
    webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    property_id INTEGER NOT NULL REFERENCES properties (id),
    PRIMARY KEY (webhook_id, property_id)
) STRICT, WITHOUT ROWID;

-- Events that a receiver did not take at once.
CREATE TABLE webhook_deliveries (
    id INTEGER PRIMARY KEY,
    webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    tries INTEGER NOT NULL CHECK (tries >= 0),
    -- None: given up.
    next_try_at TEXT CHECK (julianday(next_try_at) IS NOT NULL OR next_try_at IS NULL),
    tried_at TEXT CHECK (julianday(tried_at) IS NOT NULL OR tried_at IS NULL),
    answer TEXT,
    UNIQUE (webhook_id, event_id)
) STRICT;
CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (event_id);
