-- What is done in the background, and which node is doing it: it holds a lease while it works.
CREATE TABLE jobs (
    name TEXT PRIMARY KEY,
    holder TEXT,
    lease_until TEXT CHECK (julianday(lease_until) IS NOT NULL OR lease_until IS NULL),
    -- When it may be done next.
    due_at TEXT NOT NULL CHECK (julianday(due_at) IS NOT NULL),
    started_at TEXT CHECK (julianday(started_at) IS NOT NULL OR started_at IS NULL),
    finished_at TEXT CHECK (julianday(finished_at) IS NOT NULL OR finished_at IS NULL),
    -- Why the last run failed.
    error TEXT,
    CHECK ((holder IS NULL) = (lease_until IS NULL))
) STRICT, WITHOUT ROWID;
