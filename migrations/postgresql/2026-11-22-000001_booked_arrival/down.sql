ALTER TABLE stays DROP COLUMN booked_arrival;
