-- Which node takes a day's backup, and what became of it.
CREATE TABLE backup_runs (
    day TEXT PRIMARY KEY CHECK (day = date(day)),
    started_at TEXT NOT NULL CHECK (julianday(started_at) IS NOT NULL),
    finished_at TEXT CHECK (julianday(finished_at) IS NOT NULL OR finished_at IS NULL),
    file TEXT,
    bytes INTEGER CHECK (bytes > 0),
    -- Why there is none, in English: it is read beside the names of files and tools.
    error TEXT,
    CHECK (finished_at IS NOT NULL OR (file IS NULL AND error IS NULL)),
    CHECK (file IS NULL OR error IS NULL)
) STRICT, WITHOUT ROWID;
