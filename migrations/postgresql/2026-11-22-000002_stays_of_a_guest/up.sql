-- A guest's stays lie all over the table; what a card says of them is read from the index alone.
DROP INDEX stays_by_guest;
CREATE INDEX stays_by_guest ON stays (guest_id, arrival) INCLUDE (id, departure, status, property_id, room_id);
