DROP TABLE idempotency_keys;
ALTER TABLE stays DROP COLUMN source_updated_at;
ALTER TABLE stays DROP COLUMN probability;
