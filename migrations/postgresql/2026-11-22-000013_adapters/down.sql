DROP INDEX held_events_due;
ALTER TABLE held_events DROP COLUMN given_up_at;
ALTER TABLE held_events DROP COLUMN next_try_at;
ALTER TABLE guests DROP COLUMN source_updated_at;
