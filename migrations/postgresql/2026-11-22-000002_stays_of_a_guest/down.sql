DROP INDEX stays_by_guest;
CREATE INDEX stays_by_guest ON stays (guest_id, arrival);
