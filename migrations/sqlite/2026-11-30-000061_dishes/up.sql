-- What is served, and what was eaten.

CREATE TABLE dishes (
    id INTEGER PRIMARY KEY,
    outlet_id INTEGER NOT NULL REFERENCES outlets (id),
    -- What the till calls it.
    code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 32),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- As the house writes it.
    native_name TEXT CHECK (length(native_name) BETWEEN 1 AND 100),
    course TEXT NOT NULL CHECK (course IN ('starter', 'main', 'side', 'dessert', 'drink')),
    retired_at TEXT CHECK (julianday(retired_at) IS NOT NULL OR retired_at IS NULL),
    UNIQUE (outlet_id, code)
) STRICT;

-- The allergies and diets a dish is wrong for.
CREATE TABLE dish_unfit (
    dish_id INTEGER NOT NULL REFERENCES dishes (id) ON DELETE CASCADE,
    feature TEXT NOT NULL REFERENCES features (code),
    PRIMARY KEY (dish_id, feature)
) STRICT, WITHOUT ROWID;

CREATE TABLE dining_orders (
    id INTEGER PRIMARY KEY,
    visit_id INTEGER NOT NULL REFERENCES dining_visits (id) ON DELETE CASCADE,
    dish_id INTEGER NOT NULL REFERENCES dishes (id),
    -- Whose; none is the whole table's.
    guest_id INTEGER REFERENCES guests (id),
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity BETWEEN 1 AND 99),
    -- The till's line, so that it arrives once.
    reference TEXT UNIQUE CHECK (length(reference) BETWEEN 1 AND 100),
    ordered_at TEXT NOT NULL CHECK (julianday(ordered_at) IS NOT NULL),
    ordered_by INTEGER REFERENCES users (id),
    -- Taken back.
    voided_at TEXT CHECK (julianday(voided_at) IS NOT NULL OR voided_at IS NULL)
) STRICT;
CREATE INDEX dining_orders_by_visit ON dining_orders (visit_id);

-- What a guest said of a dish; it outweighs what was counted.
CREATE TABLE dish_opinions (
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    dish_id INTEGER NOT NULL REFERENCES dishes (id),
    likes INTEGER NOT NULL CHECK (likes IN (0, 1)),
    noted_on TEXT NOT NULL CHECK (noted_on = date(noted_on)),
    noted_by INTEGER REFERENCES users (id),
    PRIMARY KEY (guest_id, dish_id)
) STRICT, WITHOUT ROWID;
