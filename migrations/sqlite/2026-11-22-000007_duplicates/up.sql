-- Profiles that could be one person's, or belong together; see recognition::duplicates. Derived: found anew at will.
CREATE TABLE duplicate_pairs (
    guest_id INTEGER NOT NULL REFERENCES guests (id) ON DELETE CASCADE,
    other_id INTEGER NOT NULL REFERENCES guests (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('same', 'household', 'colleagues', 'contact')),
    probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
    -- Codes of reasons separated by ';'.
    reasons TEXT NOT NULL,
    found_at TEXT NOT NULL CHECK (julianday(found_at) IS NOT NULL),
    PRIMARY KEY (guest_id, other_id),
    CHECK (guest_id < other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicate_pairs_by_other ON duplicate_pairs (other_id);
CREATE INDEX duplicate_pairs_likely ON duplicate_pairs (probability DESC, guest_id, other_id) WHERE kind = 'same';

-- Walks over all profiles in the order of their ids; at most one is not over.
CREATE TABLE duplicate_runs (
    id INTEGER PRIMARY KEY,
    -- Profiles up to this id, not changed since, were asked about before; nothing: everybody is asked about.
    since_id INTEGER,
    since TEXT CHECK (julianday(since) IS NOT NULL OR since IS NULL),
    last_id INTEGER NOT NULL DEFAULT 0 CHECK (last_id >= 0),
    total INTEGER NOT NULL CHECK (total >= 0),
    asked INTEGER NOT NULL DEFAULT 0 CHECK (asked >= 0),
    found INTEGER NOT NULL DEFAULT 0 CHECK (found >= 0),
    started_at TEXT NOT NULL CHECK (julianday(started_at) IS NOT NULL),
    started_by INTEGER REFERENCES users (id),
    -- Who walks, and until when nobody else may take over.
    holder TEXT,
    held_until TEXT CHECK (julianday(held_until) IS NOT NULL OR held_until IS NULL),
    finished_at TEXT CHECK (julianday(finished_at) IS NOT NULL OR finished_at IS NULL),
    CHECK ((since_id IS NULL) = (since IS NULL)),
    CHECK ((holder IS NULL) = (held_until IS NULL)),
    CHECK (finished_at IS NULL OR holder IS NULL)
) STRICT;
CREATE UNIQUE INDEX duplicate_runs_one_at_a_time ON duplicate_runs ((finished_at IS NULL)) WHERE finished_at IS NULL;

-- What clerks said of a person and those they could be.
CREATE TABLE duplicate_answers (
    id INTEGER PRIMARY KEY,
    guest_id INTEGER NOT NULL REFERENCES guests (id),
    answer TEXT NOT NULL CHECK (answer IN ('same', 'other', 'unsure')),
    answered_at TEXT NOT NULL CHECK (julianday(answered_at) IS NOT NULL),
    answered_on TEXT NOT NULL CHECK (answered_on = date(answered_on)),
    answered_by INTEGER NOT NULL REFERENCES users (id),
    undone_at TEXT CHECK (julianday(undone_at) IS NOT NULL OR undone_at IS NULL),
    undone_by INTEGER REFERENCES users (id),
    CHECK ((undone_at IS NULL) = (undone_by IS NULL))
) STRICT;
CREATE INDEX duplicate_answers_by_clerk ON duplicate_answers (answered_by, answered_on) WHERE answer = 'unsure';

ALTER TABLE merges ADD COLUMN answer_id INTEGER REFERENCES duplicate_answers (id);
ALTER TABLE not_same ADD COLUMN answer_id INTEGER REFERENCES duplicate_answers (id);
CREATE INDEX merges_by_answer ON merges (answer_id) WHERE answer_id IS NOT NULL;
CREATE INDEX not_same_by_answer ON not_same (answer_id) WHERE answer_id IS NOT NULL;
