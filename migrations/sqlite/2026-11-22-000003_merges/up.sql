-- Who was joined with whom: pointers move, facts stay. A merge joins the persons of two profiles.
CREATE TABLE merges (
    id INTEGER PRIMARY KEY,
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    other_id INTEGER NOT NULL REFERENCES guests (id),
    -- The person that stood on, and the one whose profiles moved to it.
    person_id INTEGER NOT NULL REFERENCES guests (id),
    absorbed_id INTEGER NOT NULL REFERENCES guests (id),
    source TEXT NOT NULL CHECK (source IN ('booking', 'review', 'desk', 'duplicate')),
    -- Codes of reasons separated by ';'.
    reasons TEXT,
    made_at TEXT NOT NULL CHECK (julianday(made_at) IS NOT NULL),
    made_by INTEGER REFERENCES users (id),
    undone_at TEXT CHECK (julianday(undone_at) IS NOT NULL OR undone_at IS NULL),
    undone_by INTEGER REFERENCES users (id),
    CHECK (guest_id <> other_id),
    CHECK (person_id < absorbed_id)
) STRICT;
CREATE INDEX merges_by_guest ON merges (guest_id) WHERE undone_at IS NULL;
CREATE INDEX merges_by_other ON merges (other_id) WHERE undone_at IS NULL;

-- The profiles whose pointer a merge moved, and what it was before.
CREATE TABLE merge_moves (
    merge_id INTEGER NOT NULL REFERENCES merges (id),
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    from_person_id INTEGER NOT NULL REFERENCES guests (id),
    PRIMARY KEY (merge_id, guest_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX merge_moves_by_guest ON merge_moves (guest_id, merge_id);

-- What clerks answered when recognition asked.
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    stay_id INTEGER NOT NULL REFERENCES stays (id) ON DELETE CASCADE,
    answer TEXT NOT NULL CHECK (answer IN ('same', 'other', 'none', 'unsure')),
    -- The candidate it is about; all of them for 'none' and 'unsure'.
    guest_id INTEGER REFERENCES guests (id),
    -- The stay's reasons before, for taking the answer back.
    reasons_before TEXT,
    merge_id INTEGER REFERENCES merges (id),
    answered_at TEXT NOT NULL CHECK (julianday(answered_at) IS NOT NULL),
    answered_on TEXT NOT NULL CHECK (answered_on = date(answered_on)),
    answered_by INTEGER NOT NULL REFERENCES users (id),
    undone_at TEXT CHECK (julianday(undone_at) IS NOT NULL OR undone_at IS NULL),
    undone_by INTEGER REFERENCES users (id),
    CHECK ((guest_id IS NOT NULL) = (answer IN ('same', 'other')))
) STRICT;
CREATE INDEX reviews_by_stay ON reviews (stay_id);
CREATE INDEX reviews_by_clerk ON reviews (answered_by, answered_on) WHERE answer = 'unsure';
CREATE INDEX reviews_by_merge ON reviews (merge_id) WHERE merge_id IS NOT NULL;

-- Not the same person, for good: the lower profile id first.
CREATE TABLE not_same (
    id INTEGER PRIMARY KEY,
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    other_id INTEGER NOT NULL REFERENCES guests (id),
    review_id INTEGER REFERENCES reviews (id) ON DELETE SET NULL,
    said_at TEXT NOT NULL CHECK (julianday(said_at) IS NOT NULL),
    said_by INTEGER REFERENCES users (id),
    withdrawn_at TEXT CHECK (julianday(withdrawn_at) IS NOT NULL OR withdrawn_at IS NULL),
    withdrawn_by INTEGER REFERENCES users (id),
    CHECK (guest_id < other_id)
) STRICT;
CREATE UNIQUE INDEX not_same_once ON not_same (guest_id, other_id) WHERE withdrawn_at IS NULL;
CREATE INDEX not_same_by_other ON not_same (other_id) WHERE withdrawn_at IS NULL;
CREATE INDEX not_same_by_review ON not_same (review_id) WHERE review_id IS NOT NULL;

-- The stays somebody has to look at.
CREATE INDEX stays_in_review ON stays (property_id, arrival) WHERE decision = 'review';
