-- What a program told us of a reservation before we could do it: it waits for what it needs, and is never lost in silence.
CREATE TABLE held_events (
    id INTEGER PRIMARY KEY,
    token_id INTEGER NOT NULL REFERENCES api_tokens (id),
    property_id INTEGER NOT NULL REFERENCES properties (id),
    confirmation_number TEXT NOT NULL CHECK (length(confirmation_number) BETWEEN 1 AND 64),
    -- What happened, as JSON; see stays::events.
    event TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('unknown_reservation', 'not_checked_in', 'refused')),
    -- What was refused, in English.
    detail TEXT,
    -- When its source says it happened.
    source_updated_at TEXT CHECK (julianday(source_updated_at) IS NOT NULL OR source_updated_at IS NULL),
    received_at TEXT NOT NULL CHECK (julianday(received_at) IS NOT NULL),
    tries INTEGER NOT NULL DEFAULT 1 CHECK (tries >= 1),
    settled_at TEXT CHECK (julianday(settled_at) IS NOT NULL OR settled_at IS NULL),
    outcome TEXT CHECK (outcome IN ('changed', 'unchanged', 'older', 'dropped')),
    CHECK ((settled_at IS NULL) = (outcome IS NULL))
) STRICT;
-- The same told twice waits once.
CREATE UNIQUE INDEX held_events_once ON held_events (property_id, confirmation_number, event) WHERE settled_at IS NULL;
CREATE INDEX held_events_waiting ON held_events (property_id, id) WHERE settled_at IS NULL;
