ALTER TABLE properties DROP COLUMN make_up_minutes;
ALTER TABLE properties DROP COLUMN check_out_at;
ALTER TABLE properties DROP COLUMN check_in_at;
