-- The arrival as it was booked, where the guest was checked in before it.
ALTER TABLE stays ADD COLUMN booked_arrival DATE;
