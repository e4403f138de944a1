-- When the source of a profile last changed it, by its own clock: what is older changes nothing.
ALTER TABLE guests ADD COLUMN source_updated_at TIMESTAMP;

-- What waits is tried again as time passes, more and more seldom; and in the end given up, which is seen and can be mended.
ALTER TABLE held_events ADD COLUMN next_try_at TIMESTAMP;
ALTER TABLE held_events ADD COLUMN given_up_at TIMESTAMP;
CREATE INDEX held_events_due ON held_events (next_try_at) WHERE settled_at IS NULL AND given_up_at IS NULL;
UPDATE held_events SET next_try_at = received_at;
