-- The rooms of a day's arrivals, given out at once: what was changed, so that it can be taken back as a whole.
CREATE TABLE assignments (
    id INTEGER PRIMARY KEY,
    property_id INTEGER NOT NULL REFERENCES properties (id),
    day TEXT NOT NULL CHECK (day = date(day)),
    made_at TEXT NOT NULL CHECK (julianday(made_at) IS NOT NULL),
    made_by INTEGER REFERENCES users (id),
    undone_at TEXT CHECK (julianday(undone_at) IS NOT NULL OR undone_at IS NULL),
    undone_by INTEGER REFERENCES users (id)
) STRICT;
CREATE INDEX assignments_by_day ON assignments (property_id, day);

CREATE TABLE assignment_moves (
    assignment_id INTEGER NOT NULL REFERENCES assignments (id) ON DELETE CASCADE,
    stay_id INTEGER NOT NULL REFERENCES stays (id) ON DELETE CASCADE,
    -- None where the stay had no room yet.
    from_room_id INTEGER REFERENCES rooms (id),
    to_room_id INTEGER NOT NULL REFERENCES rooms (id),
    PRIMARY KEY (assignment_id, stay_id),
    CHECK (from_room_id IS NULL OR from_room_id <> to_room_id)
) STRICT, WITHOUT ROWID;
