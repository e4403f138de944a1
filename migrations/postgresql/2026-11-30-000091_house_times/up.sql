-- When a house expects its guests and lets them go, in minutes after midnight, and what making up a room takes.
ALTER TABLE properties ADD COLUMN check_in_at BIGINT NOT NULL DEFAULT 900 CHECK (check_in_at BETWEEN 0 AND 1439);
ALTER TABLE properties ADD COLUMN check_out_at BIGINT NOT NULL DEFAULT 720 CHECK (check_out_at BETWEEN 0 AND 1439);
ALTER TABLE properties ADD COLUMN make_up_minutes BIGINT NOT NULL DEFAULT 90 CHECK (make_up_minutes BETWEEN 0 AND 480);
