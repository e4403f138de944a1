ALTER TABLE preferences DROP COLUMN retired_as;
DROP TABLE room_moves;
