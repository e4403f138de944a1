-- When the source of a profile last changed it, by its own clock: what is older changes nothing.
ALTER TABLE guests ADD COLUMN source_updated_at TEXT CHECK (julianday(source_updated_at) IS NOT NULL OR source_updated_at IS NULL);

-- What waits is tried again as time passes, more and more seldom; and in the end given up, which is seen and can be mended.
ALTER TABLE held_events ADD COLUMN next_try_at TEXT CHECK (julianday(next_try_at) IS NOT NULL OR next_try_at IS NULL);
ALTER TABLE held_events ADD COLUMN given_up_at TEXT CHECK (julianday(given_up_at) IS NOT NULL OR given_up_at IS NULL);
CREATE INDEX held_events_due ON held_events (next_try_at) WHERE settled_at IS NULL AND given_up_at IS NULL;
UPDATE held_events SET next_try_at = received_at;
