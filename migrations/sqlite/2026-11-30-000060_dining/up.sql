-- Restaurants and bars, where their tables stand, and who sits at them.

CREATE TABLE outlets (
    id INTEGER PRIMARY KEY,
    property_id INTEGER NOT NULL REFERENCES properties (id),
    -- What its address ends in.
    code TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 32),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- The floor plan's size, in centimetres.
    width INTEGER NOT NULL CHECK (width BETWEEN 100 AND 10000),
    height INTEGER NOT NULL CHECK (height BETWEEN 100 AND 10000)
) STRICT;
CREATE INDEX outlets_by_property ON outlets (property_id);

CREATE TABLE dining_tables (
    id INTEGER PRIMARY KEY,
    outlet_id INTEGER NOT NULL REFERENCES outlets (id),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 8),
    shape TEXT NOT NULL CHECK (shape IN ('round', 'square')),
    -- Its middle on the plan, and its size.
    x INTEGER NOT NULL CHECK (x BETWEEN 0 AND 10000),
    y INTEGER NOT NULL CHECK (y BETWEEN 0 AND 10000),
    width INTEGER NOT NULL CHECK (width BETWEEN 30 AND 1000),
    height INTEGER NOT NULL CHECK (height BETWEEN 30 AND 1000),
    rotation INTEGER NOT NULL DEFAULT 0 CHECK (rotation BETWEEN 0 AND 359),
    seats INTEGER NOT NULL CHECK (seats BETWEEN 1 AND 40),
    -- No longer on the plan; who sat there is remembered.
    retired_at TEXT CHECK (julianday(retired_at) IS NOT NULL OR retired_at IS NULL)
) STRICT;
CREATE UNIQUE INDEX dining_tables_by_name ON dining_tables (outlet_id, name) WHERE retired_at IS NULL;

CREATE TABLE dining_table_features (
    table_id INTEGER NOT NULL REFERENCES dining_tables (id) ON DELETE CASCADE,
    feature TEXT NOT NULL REFERENCES features (code),
    PRIMARY KEY (table_id, feature)
) STRICT, WITHOUT ROWID;

-- What else is drawn on the plan.
CREATE TABLE dining_marks (
    id INTEGER PRIMARY KEY,
    outlet_id INTEGER NOT NULL REFERENCES outlets (id),
    kind TEXT NOT NULL CHECK (kind IN ('window', 'door', 'kitchen', 'bar', 'buffet', 'wall')),
    label TEXT CHECK (length(label) BETWEEN 1 AND 60),
    x INTEGER NOT NULL CHECK (x BETWEEN 0 AND 10000),
    y INTEGER NOT NULL CHECK (y BETWEEN 0 AND 10000),
    width INTEGER NOT NULL CHECK (width BETWEEN 5 AND 10000),
    height INTEGER NOT NULL CHECK (height BETWEEN 5 AND 10000)
) STRICT;
CREATE INDEX dining_marks_by_outlet ON dining_marks (outlet_id);

-- Tables that can be put together.
CREATE TABLE dining_combinations (
    id INTEGER PRIMARY KEY,
    outlet_id INTEGER NOT NULL REFERENCES outlets (id),
    seats INTEGER NOT NULL CHECK (seats BETWEEN 2 AND 99)
) STRICT;
CREATE INDEX dining_combinations_by_outlet ON dining_combinations (outlet_id);

CREATE TABLE dining_combination_tables (
    combination_id INTEGER NOT NULL REFERENCES dining_combinations (id) ON DELETE CASCADE,
    table_id INTEGER NOT NULL REFERENCES dining_tables (id),
    PRIMARY KEY (combination_id, table_id)
) STRICT, WITHOUT ROWID;

-- When it is open, and how long a table is usually sat at.
CREATE TABLE dining_services (
    id INTEGER PRIMARY KEY,
    outlet_id INTEGER NOT NULL REFERENCES outlets (id),
    meal TEXT NOT NULL CHECK (meal IN ('breakfast', 'lunch', 'tea', 'dinner', 'late')),
    -- One bit a day, Monday the lowest.
    weekdays INTEGER NOT NULL CHECK (weekdays BETWEEN 1 AND 127),
    -- Minutes after the midnight its day begins with; beyond 1440 is the morning after.
    opens_at INTEGER NOT NULL CHECK (opens_at BETWEEN 0 AND 1439),
    closes_at INTEGER NOT NULL CHECK (closes_at BETWEEN 15 AND 2160),
    -- Minutes a party of one or two sits, of three or four, and of more.
    turn_small INTEGER NOT NULL CHECK (turn_small BETWEEN 15 AND 480),
    turn_middle INTEGER NOT NULL CHECK (turn_middle BETWEEN 15 AND 480),
    turn_large INTEGER NOT NULL CHECK (turn_large BETWEEN 15 AND 480),
    CHECK (closes_at > opens_at),
    UNIQUE (outlet_id, meal, weekdays)
) STRICT;

CREATE TABLE dining_closures (
    outlet_id INTEGER NOT NULL REFERENCES outlets (id),
    on_date TEXT NOT NULL CHECK (on_date = date(on_date)),
    reason TEXT CHECK (length(reason) BETWEEN 1 AND 200),
    PRIMARY KEY (outlet_id, on_date)
) STRICT, WITHOUT ROWID;

-- A party: booked, held for, waiting, at its table, gone. One record, whose status moves.
CREATE TABLE dining_visits (
    id INTEGER PRIMARY KEY,
    outlet_id INTEGER NOT NULL REFERENCES outlets (id),
    on_date TEXT NOT NULL CHECK (on_date = date(on_date)),
    meal TEXT NOT NULL CHECK (meal IN ('breakfast', 'lunch', 'tea', 'dinner', 'late')),
    status TEXT NOT NULL CHECK (status IN ('booked', 'held', 'waiting', 'seated', 'left', 'cancelled', 'no_show')),
    guest_id INTEGER REFERENCES guests (id),
    stay_id INTEGER REFERENCES stays (id),
    -- What the party is called by, where nobody knows who it is.
    called TEXT CHECK (length(called) BETWEEN 1 AND 100),
    covers INTEGER NOT NULL CHECK (covers BETWEEN 1 AND 99),
    -- From when and until when a table is theirs, or is meant to be.
    starts_at TEXT NOT NULL CHECK (julianday(starts_at) IS NOT NULL),
    ends_at TEXT NOT NULL CHECK (julianday(ends_at) IS NOT NULL),
    seated_at TEXT CHECK (julianday(seated_at) IS NOT NULL OR seated_at IS NULL),
    left_at TEXT CHECK (julianday(left_at) IS NOT NULL OR left_at IS NULL),
    -- How long they were told to wait.
    quoted_minutes INTEGER CHECK (quoted_minutes BETWEEN 0 AND 600),
    -- Feature codes, then their own words, separated by ';'.
    requests TEXT CHECK (length(requests) BETWEEN 1 AND 500),
    -- The form's own key: the same form sent twice makes one party.
    once TEXT UNIQUE CHECK (length(once) BETWEEN 1 AND 64),
    created_at TEXT NOT NULL CHECK (julianday(created_at) IS NOT NULL),
    created_by INTEGER REFERENCES users (id),
    updated_at TEXT NOT NULL CHECK (julianday(updated_at) IS NOT NULL),
    CHECK (julianday(ends_at) > julianday(starts_at)),
    CHECK ((status IN ('seated', 'left')) = (seated_at IS NOT NULL)),
    CHECK ((status = 'left') = (left_at IS NOT NULL))
) STRICT;
CREATE INDEX dining_visits_by_date ON dining_visits (outlet_id, on_date, status);
CREATE INDEX dining_visits_by_guest ON dining_visits (guest_id, on_date) WHERE guest_id IS NOT NULL;
CREATE INDEX dining_visits_by_stay ON dining_visits (stay_id) WHERE stay_id IS NOT NULL;

-- Known people at the table beside the one it is for.
CREATE TABLE dining_party (
    visit_id INTEGER NOT NULL REFERENCES dining_visits (id) ON DELETE CASCADE,
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    PRIMARY KEY (visit_id, guest_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dining_party_by_guest ON dining_party (guest_id);

CREATE TABLE dining_visit_tables (
    visit_id INTEGER NOT NULL REFERENCES dining_visits (id) ON DELETE CASCADE,
    table_id INTEGER NOT NULL REFERENCES dining_tables (id),
    -- They sit there now, however long it was meant to be.
    occupied INTEGER NOT NULL DEFAULT 0 CHECK (occupied IN (0, 1)),
    PRIMARY KEY (visit_id, table_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX dining_visit_tables_occupied ON dining_visit_tables (table_id) WHERE occupied = 1;
CREATE INDEX dining_visit_tables_by_table ON dining_visit_tables (table_id);

-- One row for each quarter of an hour a table is booked, held or sat at: the primary key is what forbids promising it twice.
CREATE TABLE dining_slots (
    table_id INTEGER NOT NULL REFERENCES dining_tables (id),
    -- Quarters of an hour since 1970, UTC.
    slot INTEGER NOT NULL,
    visit_id INTEGER NOT NULL REFERENCES dining_visits (id) ON DELETE CASCADE,
    PRIMARY KEY (table_id, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX dining_slots_by_visit ON dining_slots (visit_id);
