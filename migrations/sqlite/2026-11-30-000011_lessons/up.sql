-- A guest in the house who changed rooms: what was left, and for what.
CREATE TABLE room_moves (
    id INTEGER PRIMARY KEY,
    stay_id INTEGER NOT NULL REFERENCES stays (id) ON DELETE CASCADE,
    from_room_id INTEGER NOT NULL REFERENCES rooms (id),
    to_room_id INTEGER NOT NULL REFERENCES rooms (id),
    moved_at TEXT NOT NULL CHECK (julianday(moved_at) IS NOT NULL),
    CHECK (from_room_id <> to_room_id)
) STRICT;
CREATE INDEX room_moves_by_stay ON room_moves (stay_id);
-- Why evidence counts no longer. What somebody called wrong is not concluded again; what stays no longer show may be.
ALTER TABLE preferences ADD COLUMN retired_as TEXT CHECK (retired_as IN ('over', 'wrong', 'settled', 'unfounded'));
